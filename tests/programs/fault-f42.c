/* Calls malloc 2,000 times through code that it has made itself, with a frame
 * pointer and without: 64 bytes each, kept, and no unwind information. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

typedef void *(*maker)(size_t, void *(*)(size_t));

static __attribute__((noinline)) void take(maker make)
{
	for (int i = 0; i < 1000; i++)
		make(64, malloc);
}

int main(void)
{
	/* push rbp; mov rbp, rsp; call rsi; pop rbp; ret */
	static const unsigned char framed[] = { 0x55, 0x48, 0x89, 0xe5,
						0xff, 0xd6, 0x5d, 0xc3 };
	/* sub rsp, 24; call rsi; add rsp, 24; ret */
	static const unsigned char bare[] = { 0x48, 0x83, 0xec, 0x18,
					      0xff, 0xd6, 0x48, 0x83,
					      0xc4, 0x18, 0xc3 };
	char *code = mmap(NULL, 8192, PROT_READ | PROT_WRITE | PROT_EXEC,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	memcpy(code, framed, sizeof(framed));
	memcpy(code + 4096, bare, sizeof(bare));
	take((maker)code);
	take((maker)(code + 4096));
	return 18;
}
