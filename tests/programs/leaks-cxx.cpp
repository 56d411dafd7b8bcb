/*
 * Objects of 1000 bytes, held or lost as C++ does it; see leaks.c for what the
 * table says.
 */
#include <cstdio>
#include <cstring>
#include <deque>
#include <exception>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

struct item {
	item *next = nullptr;
	char pad[992];
};

struct first {
	virtual ~first() = default;
	char pad[484];
};

struct second {
	virtual ~second() = default;
	char pad[484];
};

struct both : first, second {
	char rest[8];
};

struct counted {
	~counted()
	{
		pad[0] = 0;
	}
	char pad[62];
};

struct owner {
	std::shared_ptr<owner> other;
	char pad[968];
};

static_assert(sizeof(item) == 1000, "what the cases look for");
static_assert(sizeof(both) == 1000, "what the cases look for");
static_assert(sizeof(owner) + 16 == 1000, "and what holds its counts");

static std::vector<item *> vector;
static std::map<int, item *> map;
static std::unordered_map<std::string, std::unique_ptr<item>> table;
static std::list<item *> list;
static std::deque<item *> deque;
static std::unique_ptr<item> unique;
static std::shared_ptr<owner> shared;
static std::function<item *()> function;
static std::exception_ptr exception;
static item *volatile plain;
static second *volatile part;
static counted *volatile array;
static thread_local std::unique_ptr<item> local;

__attribute__((noinline)) static item *make()
{
	return new item;
}

static void in_vector()
{
	for (int i = 0; i < 10; i++)
		vector.push_back(make());
}
static void in_map()
{
	map[3] = make();
}
static void in_table()
{
	table["a name that is not short"].reset(make());
}
static void in_list()
{
	list.push_back(make());
}
static void in_deque()
{
	deque.push_back(make());
}
static void in_unique()
{
	unique.reset(make());
}
static void in_shared()
{
	shared = std::make_shared<owner>();
}
static void in_function()
{
	item *one = make(), *two = make(), *three = make();
	function = [one, two, three] { return one ? two : three; };
}
static void in_array()
{
	array = new counted[16]();
}
static void in_second_base()
{
	part = new both;
}
static void lost()
{
	plain = make(), plain = nullptr;
}
static void lost_cycle()
{
	auto a = std::make_shared<owner>(), b = std::make_shared<owner>();

	a->other = b;
	b->other = a;
}
static void lost_vector()
{
	auto *all = new std::vector<item *>;

	for (int i = 0; i < 10; i++)
		all->push_back(make());
}
static void lost_chain()
{
	item *last = nullptr;

	for (int i = 0; i < 5; i++) {
		item *one = make();

		one->next = last;
		last = one;
	}
}
static void in_thrown()
{
	try {
		throw std::unique_ptr<item>(make());
	} catch (...) {
		exception = std::current_exception();
	}
}
static void in_thread_local()
{
	local.reset(make());
}
static void lost_in_thread()
{
	std::thread([] { make(); }).join();
}
static void in_moved()
{
	std::vector<std::unique_ptr<item>> from;

	from.emplace_back(make());
	static auto to = std::move(from);
}

static const struct mode {
	const char *name;
	void (*run)();
	int definite, indirect, possible, reachable;
} modes[] = {
	{ "vector", in_vector, 0, 0, 0, 10 },
	{ "map", in_map, 0, 0, 0, 1 },
	{ "table", in_table, 0, 0, 0, 1 },
	{ "list", in_list, 0, 0, 0, 1 },
	{ "deque", in_deque, 0, 0, 0, 1 },
	{ "unique", in_unique, 0, 0, 0, 1 },
	{ "shared", in_shared, 0, 0, 0, 1 },
	{ "function", in_function, 0, 0, 0, 3 },
	{ "array", in_array, 0, 0, 0, 1 },
	{ "second_base", in_second_base, 0, 0, 0, 1 },
	{ "lost", lost, 1, 0, 0, 0 },
	{ "lost_cycle", lost_cycle, 1, 1, 0, 0 },
	{ "lost_vector", lost_vector, 0, 10, 0, 0 },
	{ "lost_chain", lost_chain, 1, 4, 0, 0 },
	/* What points to an exception points behind its head. */
	{ "thrown", in_thrown, 0, 0, 1, 0 },
	{ "lost_in_thread", lost_in_thread, 1, 0, 0, 0 },
	{ "moved", in_moved, 0, 0, 0, 1 },
};

int main(int argc, char **argv)
{
	for (const auto &m : modes) {
		if (argc < 2) {
			printf("%s %d %d %d %d\n", m.name, m.definite,
			       m.indirect, m.possible, m.reachable);
		} else if (!strcmp(argv[1], m.name)) {
			m.run();
			volatile char space[16384];
			memset((char *)space, 0, sizeof(space));
		}
	}
}
