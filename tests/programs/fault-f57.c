/* Writes a trace of a few KiB whose blocks say that they hold millions of
 * processes, frames, nodes, sites and events: 10 GiB when all is unpacked. */
#include "trace/format.h"
#include "trace/run.h"
#include "trace/writer.h"

#include <fcntl.h>
#include <unistd.h>

enum {
	COLUMNS = 5,
	SIZE = (FORMAT_BLOCK_MAX - 64) / COLUMNS, /* bytes of each column */
	LARGE = (FORMAT_LARGE_BLOCK_MAX - 64) / COLUMNS,
	LARGE_BLOCKS = 18, /* of the first, four are of such a type */
};

/* Numbers of first entry, entries and frames; then zeros, which are good. */
static void fill(struct column *c, uint64_t first, size_t size)
{
	static const uint8_t zeros[4096];

	column_put(&c[0], first);
	column_put(&c[0], size);
	column_put(&c[0], 1);
	for (size_t i = 1; i < COLUMNS; i++)
		for (size_t n = 0; n < size; n += sizeof(zeros))
			column_put_bytes(&c[i], zeros,
					 sizeof(zeros) < size - n
						 ? sizeof(zeros)
						 : size - n);
}

int main(int argc, char **argv)
{
	struct column run[RUN_COLUMNS] = { 0 };
	struct writer w;
	struct err err;
	int fd = open(argv[argc - 1], O_RDWR | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || writer_open(&w, fd, &err) < 0)
		return 1;
	run_write(1, argv, 0, true, run);
	if (writer_block(&w, FORMAT_RUN, run, RUN_COLUMNS, &err) < 0)
		return 2;
	for (uint64_t i = 0; i < 640; i++) {
		struct column c[COLUMNS] = { 0 };
		enum format_block_type type =
			(enum format_block_type)(FORMAT_PROCESSES + i % 9);
		bool large = i < LARGE_BLOCKS &&
			     format_block_max(type) > FORMAT_BLOCK_MAX;

		fill(c, i / 9 * SIZE, large ? LARGE : SIZE);
		if (writer_block(&w, type, c, COLUMNS, &err) < 0)
			return 3;
		columns_release(c, COLUMNS);
	}
	writer_close(&w);
	return 0;
}
