/* Calls from lines of one function: direct, inlined, templates, recursion. */
#include <cstdlib>
#include <cstring>
#include <vector>

void *volatile sink;

static inline __attribute__((always_inline)) void *wrap(size_t n)
{
	return malloc(n);
}

template <typename T> __attribute__((noinline)) void fill(int n)
{
	for (int i = 0; i < n; i++)
		sink = malloc(sizeof(T));
}

__attribute__((noinline)) static void recurse(int depth)
{
	sink = malloc(100);
	if (depth)
		recurse(depth - 1);
	asm volatile("");
}

__attribute__((noinline)) static void overload(int n)
{
	sink = malloc(n);
}

__attribute__((noinline)) static void overload(long n)
{
	sink = calloc(1, n);
}

int main()
{
	std::vector<int> v;

	v.push_back(1);
	sink = wrap(10);
	free(sink);
	fill<char>(3);
	fill<long>(2);
	recurse(4);
	overload(7);
	overload(9L);
	return 0;
}
