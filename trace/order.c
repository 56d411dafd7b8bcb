/*
 * order - see order.h.
 *
 * Numbers are cut into pages of 4,096. A page is a bit for each number and a
 * count for each word of bits. One in which few are left is the list of them,
 * so that survivors of a long run, however thinly spread, take 64 bytes each
 * at most; one in which none are left is nothing. The page that numbers are
 * given out of is always bits. Above the pages, counts of pages are summed up
 * in levels of 64 to 1, so a rank adds up at most 63 numbers of each.
 */
#include "trace/order.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "trace/xmalloc.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum {
	PAGE = 1 << ORDER_PAGE_BITS,
	FAN = 1 << ORDER_FAN_BITS,
	WORD = 64,
	WORDS = PAGE / WORD,
	LANE = 16, /* counts that are added at once */
	FEW = 8,
};

struct bits {
	uint64_t words[WORDS];
	uint8_t counts[WORDS + LANE]; /* those behind the last are 0 */
};

struct few {
	uint16_t at[FEW]; /* ascending; as many as the page has */
};

static unsigned int count_bits(uint64_t word)
{
	word -= word >> 1 & 0x5555555555555555;
	word = (word & 0x3333333333333333) + (word >> 2 & 0x3333333333333333);
	word = (word + (word >> 4)) & 0x0f0f0f0f0f0f0f0f;
	return (unsigned int)(word * 0x0101010101010101 >> 56);
}

/* The sum of the counts from `first` on. */
static unsigned int sum_counts(const struct bits *b, unsigned int first)
{
#ifdef __SSE2__
	__m128i sum = _mm_setzero_si128();

	for (unsigned int i = first; i < WORDS; i += LANE)
		sum = _mm_add_epi64(
			sum,
			_mm_sad_epu8(
				_mm_loadu_si128((const __m128i *)&b->counts[i]),
				_mm_setzero_si128()));
	return (unsigned int)(_mm_cvtsi128_si32(sum) +
			      _mm_extract_epi16(sum, 4));
#else
	unsigned int sum = 0;

	for (unsigned int i = first; i < WORDS; i++)
		sum += b->counts[i];
	return sum;
#endif
}

static size_t page_of(uint64_t number)
{
	return (size_t)(number >> ORDER_PAGE_BITS);
}

static uint32_t in_page(const struct order *o, size_t page)
{
	return o->levels[0].counts[page];
}

/* The last page is the one that numbers are given out of. */
static bool is_few(const struct order *o, size_t page)
{
	return in_page(o, page) <= FEW && page != page_of(o->next - 1);
}

void order_release(struct order *o)
{
	for (size_t i = 0; o->next && i <= page_of(o->next - 1); i++)
		free(o->pages[i]);
	free(o->pages);
	for (size_t i = 0; i < ORDER_LEVELS; i++)
		free(o->levels[i].counts);
	*o = (struct order){ 0 };
}

static void make_few(struct order *o, size_t page)
{
	struct bits *b = o->pages[page];
	struct few *few = NULL;
	size_t n = 0;

	if (in_page(o, page))
		few = xcalloc(1, sizeof(*few));
	for (unsigned int i = 0; i < WORDS; i++)
		for (uint64_t left = b->words[i]; left; left &= left - 1)
			few->at[n++] =
				(uint16_t)(i * WORD +
					   (unsigned int)__builtin_ctzll(left));
	free(b);
	o->pages[page] = few;
}

static void add_page(struct order *o)
{
	size_t page = page_of(o->next);

	o->pages =
		xgrow(o->pages, &o->page_capacity, page + 1, sizeof(*o->pages));
	o->pages[page] = xcalloc(1, sizeof(struct bits));
	for (size_t i = 0; i < ORDER_LEVELS; i++) {
		struct order_level *l = &o->levels[i];
		size_t at = page >> i * ORDER_FAN_BITS;

		if (page & ((1UL << i * ORDER_FAN_BITS) - 1))
			break;
		l->counts = xgrow(l->counts, &l->capacity, at + 1,
				  sizeof(*l->counts));
		l->counts[at] = 0;
	}
	if (page && in_page(o, page - 1) <= FEW)
		make_few(o, page - 1);
}

static inline void count_one(struct order *o, size_t page, uint32_t one)
{
	_Static_assert(ORDER_LEVELS == 3, "each has its line here");

	o->levels[0].counts[page] += one;
	o->levels[1].counts[page >> ORDER_FAN_BITS] += one;
	o->levels[2].counts[page >> 2 * ORDER_FAN_BITS] += one;
}

void order_add(struct order *o)
{
	unsigned int at = o->next & (PAGE - 1);
	struct bits *b;

	if (!at)
		add_page(o);
	b = o->pages[page_of(o->next)];
	b->words[at / WORD] |= 1ULL << at % WORD;
	b->counts[at / WORD]++;
	count_one(o, page_of(o->next), 1);
	o->next++;
	o->live++;
}

bool order_has(const struct order *o, uint64_t number)
{
	size_t page = page_of(number);
	unsigned int at = number & (PAGE - 1);

	if (number >= o->next)
		return false;
	if (is_few(o, page)) {
		const struct few *few = o->pages[page];

		for (uint32_t i = 0; i < in_page(o, page); i++)
			if (few->at[i] == at)
				return true;
		return false;
	}
	return ((const struct bits *)o->pages[page])->words[at / WORD] >>
		       at % WORD &
	       1;
}

/* How many of these are younger than the one at `at`. */
static inline uint32_t rank_in_bits(const struct bits *b, unsigned int at)
{
	return count_bits(b->words[at / WORD] >> at % WORD >> 1) +
	       sum_counts(b, at / WORD + 1);
}

static uint32_t rank_in_few(const struct few *few, uint32_t count,
			    unsigned int at)
{
	uint32_t rank = 0;

	for (uint32_t i = 0; i < count; i++)
		rank += few->at[i] > at;
	return rank;
}

/* How many live ones the pages behind `page` have. */
static inline uint64_t count_behind(const struct order *o, size_t page)
{
	size_t at = page, last = page_of(o->next - 1);
	uint64_t count = 0;

	for (size_t i = 0; i < ORDER_LEVELS && at < last; i++) {
		const uint32_t *counts = o->levels[i].counts;
		size_t end = i + 1 < ORDER_LEVELS ? at | (FAN - 1) : last;

		for (size_t k = at + 1; k <= (end < last ? end : last); k++)
			count += counts[k];
		at >>= ORDER_FAN_BITS;
		last >>= ORDER_FAN_BITS;
	}
	return count;
}

uint64_t order_rank(const struct order *o, uint64_t number)
{
	size_t page = page_of(number);
	unsigned int at = number & (PAGE - 1);

	return count_behind(o, page) +
	       (is_few(o, page)
			? rank_in_few(o->pages[page], in_page(o, page), at)
			: rank_in_bits(o->pages[page], at));
}

static uint64_t select_bit(uint64_t word, uint32_t rank)
{
	while (rank--)
		word &= ~(1ULL << (63 - __builtin_clzll(word)));
	return 63 - (unsigned int)__builtin_clzll(word);
}

static uint64_t select_in_page(const struct order *o, size_t page,
			       uint32_t rank)
{
	const struct bits *b = o->pages[page];
	uint64_t first = (uint64_t)page << ORDER_PAGE_BITS;
	unsigned int i = WORDS - 1;

	if (is_few(o, page)) {
		const struct few *few = o->pages[page];

		return first + few->at[in_page(o, page) - 1 - rank];
	}
	if (page == page_of(o->next - 1))
		i = (o->next - 1) / WORD % WORDS;
	for (; rank >= b->counts[i]; i--)
		rank -= b->counts[i];
	return first + i * WORD + select_bit(b->words[i], rank);
}

uint64_t order_select(const struct order *o, uint64_t rank)
{
	size_t last = page_of(o->next - 1);
	size_t at = last, i = 0;

	/* Up, as long as what is left of a level's 64 is not enough. */
	while (i + 1 < ORDER_LEVELS) {
		const uint32_t *counts = o->levels[i].counts;
		size_t first = at & ~(size_t)(FAN - 1);
		uint64_t sum = 0, k;

		for (k = at + 1; k > first && sum <= rank; k--)
			sum += counts[k - 1];
		if (sum > rank)
			break;
		rank -= sum;
		if (!first)
			break;
		at = (first >> ORDER_FAN_BITS) - 1;
		i++;
	}
	/* Down, to the page. */
	for (;;) {
		const uint32_t *counts = o->levels[i].counts;

		while (rank >= counts[at])
			rank -= counts[at--];
		if (!i--)
			break;
		at = (at << ORDER_FAN_BITS) + FAN - 1;
	}
	return select_in_page(o, at, (uint32_t)rank);
}

static void take_few(struct few *few, uint32_t count, unsigned int at)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < count; i++)
		if (few->at[i] != at)
			few->at[n++] = few->at[i];
}

static void remove_few(struct order *o, size_t page, unsigned int at)
{
	take_few(o->pages[page], in_page(o, page), at);
	count_one(o, page, UINT32_MAX);
	if (in_page(o, page))
		return;
	free(o->pages[page]);
	o->pages[page] = NULL;
}

static inline void remove_bit(struct order *o, size_t page, unsigned int at)
{
	struct bits *b = o->pages[page];

	b->words[at / WORD] &= ~(1ULL << at % WORD);
	b->counts[at / WORD]--;
	count_one(o, page, UINT32_MAX);
	if (__builtin_expect(is_few(o, page), 0))
		make_few(o, page);
}

bool order_take(struct order *o, uint64_t number)
{
	size_t page = page_of(number);
	unsigned int at = number & (PAGE - 1);

	if (!order_has(o, number))
		return false;
	o->live--;
	if (is_few(o, page))
		remove_few(o, page, at);
	else
		remove_bit(o, page, at);
	return true;
}

uint64_t order_end(struct order *o, uint64_t number)
{
	size_t page = page_of(number);
	unsigned int at = number & (PAGE - 1);
	uint64_t rank = count_behind(o, page);

	assert(order_has(o, number));
	o->live--;
	if (__builtin_expect(is_few(o, page), 0)) {
		rank += rank_in_few(o->pages[page], in_page(o, page), at);
		remove_few(o, page, at);
	} else {
		rank += rank_in_bits(o->pages[page], at);
		remove_bit(o, page, at);
	}
	return rank;
}

/* The first live one of the page from `at` on, or PAGE. */
static unsigned int from_in_page(const struct order *o, size_t page,
				 unsigned int at)
{
	const struct bits *b = o->pages[page];
	uint64_t word;

	if (is_few(o, page)) {
		const struct few *few = o->pages[page];

		for (uint32_t i = 0; i < in_page(o, page); i++)
			if (few->at[i] >= at)
				return few->at[i];
		return PAGE;
	}
	word = b->words[at / WORD] >> at % WORD << at % WORD;
	for (unsigned int i = at / WORD;; word = b->words[i]) {
		if (word)
			return i * WORD + (unsigned int)__builtin_ctzll(word);
		if (++i == WORDS)
			return PAGE;
	}
}

uint64_t order_from(const struct order *o, uint64_t number)
{
	while (number < o->next) {
		size_t page = page_of(number);
		unsigned int at = PAGE;

		if (in_page(o, page))
			at = from_in_page(o, page, number & (PAGE - 1));
		number = ((uint64_t)page << ORDER_PAGE_BITS) + at;
		if (at < PAGE)
			return number;
	}
	return ORDER_NONE;
}
