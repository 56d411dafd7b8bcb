/*
 * Every form of new and delete, each once: the n-th block has 1000 + n bytes
 * and counts once, at the line of new, not again for the malloc inside.
 */
#include <cstddef>
#include <new>

struct alignas(128) wide {
	char bytes[128];
};

static void *volatile kept;

template <typename T> static T *keep(T *block)
{
	kept = block;
	return block;
}

int main()
{
	using std::align_val_t;
	using std::nothrow;
	align_val_t align{ 64 };

	::operator delete(keep(::operator new(1001)));
	::operator delete(keep(::operator new(1002)), std::size_t(1002));
	::operator delete[](keep(::operator new[](1003)));
	::operator delete[](keep(::operator new[](1004)), std::size_t(1004));
	::operator delete(keep(::operator new(1005, nothrow)), nothrow);
	::operator delete[](keep(::operator new[](1006, nothrow)), nothrow);
	::operator delete(keep(::operator new(1007, align)), align);
	::operator delete[](keep(::operator new[](1008, align)), align);
	::operator delete(keep(::operator new(1009, align)), 1009, align);
	::operator delete[](keep(::operator new[](1010, align)), 1010, align);
	::operator delete(keep(::operator new(1011, align, nothrow)), align);
	::operator delete[](keep(::operator new[](1012, align, nothrow)),
			    align);
	delete keep(new int);
	delete[] keep(new int[10]);
	delete keep(new wide);
	try {
		kept = ::operator new(std::size_t(-1) / 2);
	} catch (const std::bad_alloc &) {
		return ::operator new(std::size_t(-1) / 2, nothrow) ? 1 : 0;
	}
	return 2;
}
