/*
 * fuzz_procfs - any text at all, taken for what /proc says of a process. The
 * names in it, of programs, threads and files, are anybody's.
 */
#include "tests/fuzz/file.h"

#include "inject/maps.c"
#include "trace/procfs.c"

static volatile size_t sink;

static void read_mappings(int fd)
{
	struct maps m = { 0 };
	struct err err;

	if (read_maps(&m, fd, &err) < 0)
		abort();
	for (size_t i = 0; i < m.count; i++) {
		sink += strlen(map_name(&m.list[i]));
		if (strlen(m.list[i].flags) >= sizeof(m.list[i].flags) ||
		    strchr(m.list[i].path, '\n'))
			abort();
	}
	sink += maps_code(&m, "libc.so.6") != NULL;
	sink += maps_at(&m, 4096) != NULL;
	maps_release(&m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[FILE_PATH], text[FILE_SIZE];
	int fd = file_make(data, size, path);
	char state = 0;

	read_mappings(fd);
	if (read_file(path, text, sizeof(text))) {
		for (int n = 3; n < 60; n++)
			field(text, n, &state);
	}
	close(fd);
	return 0;
}
