/*
 * replay - a fuzzer without libFuzzer: reads the files that it is given.
 *
 * So inputs that once found something are tried in every build, whatever it
 * was compiled by.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	SIZE_MOST = 1 << 20,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay(const char *path)
{
	uint8_t *room = malloc(SIZE_MOST);
	FILE *file = fopen(path, "re");
	uint8_t *data;
	size_t size;

	if (!file || !room) {
		perror(path);
		return 1;
	}
	size = fread(room, 1, SIZE_MOST, file);
	fclose(file);
	/* Exactly as large, so that a byte too many is seen. */
	data = realloc(room, size + !size);
	if (data)
		LLVMFuzzerTestOneInput(data, size);
	free(data);
	return 0;
}

int main(int argc, char **argv)
{
	int failed = LLVMFuzzerTestOneInput((const uint8_t *)"", 0) > 0;

	for (int i = 1; i < argc; i++)
		failed |= replay(argv[i]);
	return failed;
}
