/*
 * What glibc's tests include for their main(); see ../run. Only what its tests
 * of malloc use, and ours, not glibc's.
 */
#include "support/check.h"

#ifndef TEST_FUNCTION
#define TEST_FUNCTION do_test()
#endif

int main(void)
{
	int status = TEST_FUNCTION;

	return status ? status : shim_failures != 0;
}
