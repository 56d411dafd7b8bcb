/* Checks of glibc's tests; see ../../run. */
#ifndef SHIM_CHECK_H
#define SHIM_CHECK_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define DEFAULT_TIMEOUT 20

__attribute__((weak)) int shim_failures;

#define FAIL(...) (shim_failures++, printf(__VA_ARGS__), putchar('\n'))
#define FAIL_RET(...) return FAIL(__VA_ARGS__), 1
#define FAIL_EXIT(code, ...) (FAIL(__VA_ARGS__), exit(code))
#define FAIL_EXIT1(...) FAIL_EXIT(1, __VA_ARGS__)
#define FAIL_UNSUPPORTED(...) FAIL_EXIT(77, __VA_ARGS__)
#define TEST_VERIFY(e) ((e) ? (void)0 : (void)FAIL("not true: %s", #e))
#define TEST_VERIFY_EXIT(e) ((e) ? (void)0 : FAIL_EXIT1("not true: %s", #e))
#define TEST_COMPARE(a, b) TEST_VERIFY((a) == (b))
#define support_record_failure() ((void)shim_failures++)

#endif
