/*
 * Allocations of the C++ library, inlined as far as -O2 goes, belong to the
 * line here that asked for them. The bytes are those of libstdc++'s types.
 */
#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

static std::map<int, std::string> names;
static std::vector<long> numbers;
static std::vector<std::function<int()>> calls;

struct big {
	char bytes[200];
};

static void fill_map()
{
	for (int i = 0; i < 10; i++)
		names[i]; /* 10 nodes of 72 bytes */
	names[3] = std::string(99, 'x'); /* 100 bytes */
}

static void fill_vector()
{
	numbers.reserve(50); /* 400 bytes */
	std::for_each(numbers.data(), numbers.data() + 5, [](long) {
		names[0].reserve(500); /* once: 501 bytes */
	});
}

static void fill_calls()
{
	big value = {};

	calls.reserve(4); /* 4 * 32 bytes */
	for (int i = 0; i < 4; i++)
		calls.push_back([value] { return value.bytes[0]; }); /* 200 */
}

static auto shared = std::make_shared<big>(); /* 216 bytes */

int main()
{
	fill_map();
	fill_vector();
	fill_calls();
	auto own = std::make_unique<big[]>(3); /* 600 bytes */
	calls.push_back([] { return 1; }); /* grows to 8 * 32 */
	return shared->bytes[0] + own[2].bytes[0] + calls[4]() - 1;
}
