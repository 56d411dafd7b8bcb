/*
 * 3,000 times out of 10 frames by an exception, and as often by longjmp: each
 * frame took a block of 30 bytes, and behind the jump one of 50 is taken; all
 * are freed. 60,000 and 6,000 blocks, the latter always two frames deep, and
 * 3,000 exceptions.
 */
#include <csetjmp>
#include <cstdlib>

enum { TIMES = 3000, DEPTH = 10 };

static void *blocks[DEPTH];
static void *volatile sink;
static jmp_buf back;

__attribute__((noipa)) static void level(int depth, bool throws)
{
	blocks[depth] = malloc(30);
	if (depth + 1 < DEPTH) {
		level(depth + 1, throws);
		sink = blocks[depth];
	}
	if (throws)
		throw depth;
	longjmp(back, 1);
}

__attribute__((noipa)) static void after(void)
{
	sink = malloc(50);
	free(sink);
	for (void *block : blocks)
		free(block);
}

int main()
{
	for (int i = 0; i < TIMES; i++) {
		try {
			level(0, true);
		} catch (int) {
			after();
		}
		if (!setjmp(back))
			level(0, false);
		after();
	}
	return 0;
}
