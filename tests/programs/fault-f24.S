/* The note that Go's linker writes, for a program that is none. */
	.section .note.go.buildid, "a", @note
	.balign 4
	.long 4, 2f - 1f, 4
	.asciz "Go\0"
1:	.ascii "a build/of Go"
2:	.balign 4
	.section .note.GNU-stack, "", @progbits
