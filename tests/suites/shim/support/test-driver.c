#include "../test-skeleton.c"
