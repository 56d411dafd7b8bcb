/* Allocates through templates, lambdas and containers, inlined at -O2. */
#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

struct shop {
	template <typename T> struct registry {
		std::map<int, T> items;

		template <typename F> void each(F visit)
		{
			for (auto &item : items)
				visit(item.second);
		}
	};

	static void fill(std::vector<long> &list, long n)
	{
		list.reserve(n); /* 100 * 8 bytes */
	}
};

__attribute__((noipa)) static std::function<size_t()> later(std::string text)
{
	return [text] { return text.size(); }; /* 32 and 101 bytes */
}

int main()
{
	shop::registry<std::vector<long>> all;
	std::vector<std::unique_ptr<long>> longs;
	std::string text(100, 'x'); /* 101 bytes */

	all.items[1];
	all.each([](std::vector<long> &list) { shop::fill(list, 100); });
	longs.reserve(50);
	std::generate_n(std::back_inserter(longs), 3, [] {
		return std::make_unique<long>(7); /* 3 * 8 bytes */
	});
	return later(text)() != 100;
}
