/* 501 blocks by the operators new, of which one of 100 bytes is left, and with
 * an argument the exception that another throws. */
#include <cstdlib>
#include <new>
#include <sys/resource.h>

static void *volatile sink;

__attribute__((noinline)) static void take(bool fails)
{
	const std::align_val_t align{ 64 };

	for (int i = 0; i < 100; i++) {
		sink = ::operator new(24);
		::operator delete(sink);
		sink = ::operator new[](24, std::nothrow);
		::operator delete[](sink);
		sink = ::operator new(24, align);
		::operator delete(sink, align);
		sink = ::operator new[](24, align, std::nothrow);
		::operator delete[](sink, 24, align);
		sink = ::operator new(24);
		::operator delete(sink, std::size_t(24));
	}
	sink = ::operator new(100);
	try {
		if (fails)
			sink = ::operator new(std::size_t(-1) / 4);
	} catch (const std::bad_alloc &) {
	}
}

/* What could not be had is had when it is asked for again. */
__attribute__((noinline)) static void again()
{
	const std::size_t size = std::size_t(512) << 20;
	struct rlimit limit, none;

	getrlimit(RLIMIT_AS, &limit);
	none = limit;
	none.rlim_cur = 1;
	setrlimit(RLIMIT_AS, &none);
	try {
		sink = ::operator new(size);
	} catch (const std::bad_alloc &) {
		setrlimit(RLIMIT_AS, &limit);
		sink = ::operator new(size);
		::operator delete(sink);
	}
}

int main(int argc, char **)
{
	take(argc > 1);
	if (argc > 1)
		again();
	return 0;
}
