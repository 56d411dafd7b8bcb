/* Functions whose unwind information lies, each of which takes 250 blocks of 64
 * bytes and keeps them: 1,000 blocks in all. */
#include <stdlib.h>

void *volatile sink;

#define HOSTILE(name, directives)                                              \
	__attribute__((noinline)) static void name(void)                       \
	{                                                                      \
		__asm__ volatile(directives);                                  \
		for (int i = 0; i < 250; i++)                                  \
			sink = malloc(64);                                     \
		__asm__ volatile("");                                          \
	}

/* The CFA is what address 1 holds; DW_OP_lit1, DW_OP_deref. */
HOSTILE(wild_cfa, ".cfi_escape 0x0f, 2, 0x31, 0x06")
/* The CFA lies inside: no frame is ever left. */
HOSTILE(endless, ".cfi_def_cfa rsp, -64")
/* The caller's rbp was saved far away, and its CFA is relative to it. */
HOSTILE(far, ".cfi_def_cfa rsp, 0x7ffffff0\n.cfi_offset rbp, -0x7fff0000")
/* A state that was never saved. */
HOSTILE(nonsense, ".cfi_escape 0x0b, 0x0b")

int main(void)
{
	wild_cfa();
	endless();
	far();
	nonsense();
	return 6;
}
