/* Loads libraries whose thread-local variables must lie in what room there is
 * for them at start, until one fails, and says how many that were. */
#include <dlfcn.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	int n = 1;

	while (n < argc && dlopen(argv[n], RTLD_NOW))
		n++;
	printf("%d libraries\n", n - 1);
	return 0;
}
