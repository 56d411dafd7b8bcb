/*
 * In pages: 16 mapped, 4 given back from their middle, 2 replaced by a fixed
 * mapping; 8 that mremap makes 32, which are given back; 4 by sbrk, of which
 * 1 is given back by sbrk and 1 by brk. One mapping that fails is nothing.
 */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <unistd.h>

enum { PAGE = 4096, RW = PROT_READ | PROT_WRITE };
enum { ANON = MAP_PRIVATE | MAP_ANONYMOUS };

#define MAP(at, pages, flags) mmap(at, (pages)*PAGE, RW, ANON | (flags), -1, 0)

int main(void)
{
	char *a = MAP(NULL, 16, 0);
	char *b = MAP(NULL, 8, 0);
	char *end;

	munmap(a + 4 * PAGE, 4 * PAGE);
	MAP(a, 2, MAP_FIXED);
	b = mremap(b, 8 * PAGE, 32 * PAGE, MREMAP_MAYMOVE);
	munmap(b, 32 * PAGE);
	end = sbrk(4 * PAGE);
	sbrk(-PAGE);
	brk(end + 2 * PAGE);
	return MAP(NULL, 0, 0) != MAP_FAILED;
}
