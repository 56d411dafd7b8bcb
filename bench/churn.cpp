/*
 * churn - maps of strings that are filled, searched and thinned out again.
 *
 *	churn ROUNDS
 *
 * What C++ programs do all day: nodes, strings too long for the small-string
 * buffer, vectors that grow. One line with a checksum is printed.
 */
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <map>
#include <string>
#include <vector>

using index_t = std::map<std::string, std::vector<std::string>>;

static std::uint64_t state = 88172645463325252;

static unsigned next_random(unsigned limit)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return static_cast<unsigned>((state >> 20) % limit);
}

static std::string make_key(unsigned n)
{
	return "the key of entry number " + std::to_string(n);
}

static void fill(index_t &index, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		auto &values = index[make_key(next_random(4000))];

		values.push_back("value " + make_key(i));
		if (values.size() > 8)
			values.erase(values.begin(), values.begin() + 6);
	}
}

static std::size_t search(const index_t &index, unsigned count)
{
	std::size_t found = 0;

	for (unsigned i = 0; i < count; i++) {
		auto at = index.find(make_key(next_random(4000)));

		if (at != index.end())
			found += at->second.size();
	}
	return found;
}

static void thin(index_t &index, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		index.erase(make_key(next_random(4000)));
}

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? std::atoi(argv[1]) : 1;
	std::size_t sum = 0;
	index_t index;

	for (int i = 0; i < rounds; i++) {
		fill(index, 4000);
		sum += search(index, 2000);
		thin(index, 1500);
		if (i % 8 == 7) {
			index_t copy(index);

			sum += copy.size();
			copy.swap(index);
		}
	}
	std::cout << sum << ' ' << index.size() << '\n';
}
