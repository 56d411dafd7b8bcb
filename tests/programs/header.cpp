/* The header as C++ has it, included twice, in a program that is not traced. */
#include "memprof.h"
#include "memprof.h"

int main()
{
	memprof_start();
	memprof_mark("here");
	memprof_stop();
	return 0;
}
