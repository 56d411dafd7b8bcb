/*
 * amount - figures as people read them; see amount.h.
 *
 * Sizes follow tracemalloc's rule, which its users read daily: one decimal
 * below a hundred of a unit, none above, and the next unit from 10,240 on.
 */
#include "text/amount.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct amount amount_bytes(uint64_t bytes)
{
	static const char *const units[] = { "B",   "KiB", "MiB", "GiB",
					     "TiB", "PiB", "EiB" };
	size_t last = sizeof(units) / sizeof(*units) - 1;
	double value = (double)bytes;
	struct amount a;
	size_t unit = 0;

	while (value >= 10240 && unit < last) {
		value /= 1024;
		unit++;
	}
	snprintf(a.text, sizeof(a.text), "%.*f %s", unit && value < 100 ? 1 : 0,
		 value, units[unit]);
	return a;
}

struct amount amount_count(uint64_t count)
{
	char digits[24];
	int length = snprintf(digits, sizeof(digits), "%" PRIu64, count);
	struct amount a;
	char *end = a.text;

	for (int i = 0; i < length; i++) {
		if (i && (length - i) % 3 == 0)
			*end++ = ',';
		*end++ = digits[i];
	}
	*end = '\0';
	return a;
}

static struct amount add_sign(int64_t value, struct amount size)
{
	struct amount a;

	if (!value)
		return size;
	a.text[0] = value < 0 ? '-' : '+';
	memcpy(a.text + 1, size.text, sizeof(a.text) - 1);
	a.text[sizeof(a.text) - 1] = '\0';
	return a;
}

static uint64_t size_of(int64_t value)
{
	return value < 0 ? -(uint64_t)value : (uint64_t)value;
}

struct amount amount_bytes_change(int64_t bytes)
{
	return add_sign(bytes, amount_bytes(size_of(bytes)));
}

struct amount amount_count_change(int64_t count)
{
	return add_sign(count, amount_count(size_of(count)));
}

struct amount amount_share(uint64_t part, uint64_t whole)
{
	struct amount a = { .text = "-" };

	if (whole)
		snprintf(a.text, sizeof(a.text), "%.1f%%",
			 100.0 * (double)part / (double)whole);
	return a;
}

struct amount amount_rate(double rate)
{
	double tenths = (double)(int64_t)(rate * 10 + (rate < 0 ? -0.5 : 0.5));
	struct amount a;

	if (rate > 1e15 || rate < -1e15)
		tenths = rate * 10;
	snprintf(a.text, sizeof(a.text), "%.*f", (int64_t)tenths % 10 ? 1 : 0,
		 tenths / 10);
	return a;
}

struct amount amount_time(uint64_t ns)
{
	struct amount a;
	double s = (double)ns / 1e9;

	snprintf(a.text, sizeof(a.text), "%.*f s",
		 s < 1	   ? 3
		 : s < 100 ? 2
			   : 1,
		 s);
	return a;
}

static bool read_digits(const char **at, uint64_t *value)
{
	const char *start = *at;

	*value = 0;
	for (; **at >= '0' && **at <= '9'; ++*at)
		if (__builtin_mul_overflow(*value, 10, value) ||
		    __builtin_add_overflow(*value, (uint64_t)(**at - '0'),
					   value))
			return false;
	return *at != start;
}

/* The digits behind a point, as a part of 1. */
static double read_fraction(const char **at)
{
	double part = 0, digit = 0.1;

	if (**at != '.')
		return 0;
	for (++*at; **at >= '0' && **at <= '9'; ++*at, digit /= 10)
		part += digit * (**at - '0');
	return part;
}

bool amount_read_bytes(const char *text, uint64_t *bytes)
{
	static const struct {
		const char *name;
		uint64_t factor;
	} units[] = {
		{ "", 1 },
		{ "B", 1 },
		{ "K", 1ULL << 10 },
		{ "KiB", 1ULL << 10 },
		{ "kB", 1000 },
		{ "M", 1ULL << 20 },
		{ "MiB", 1ULL << 20 },
		{ "MB", 1000000 },
		{ "G", 1ULL << 30 },
		{ "GiB", 1ULL << 30 },
		{ "GB", 1000000000 },
		{ "TiB", 1ULL << 40 },
		{ "TB", 1000000000000 },
	};
	uint64_t whole, part;
	double fraction;

	if (!read_digits(&text, &whole))
		return false;
	fraction = read_fraction(&text);
	text += *text == ' ';
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		if (strcmp(text, units[i].name) != 0)
			continue;
		part = (uint64_t)(fraction * (double)units[i].factor + 0.5);
		return !__builtin_mul_overflow(whole, units[i].factor, bytes) &&
		       !__builtin_add_overflow(*bytes, part, bytes);
	}
	return false;
}

bool amount_read_count(const char *text, uint64_t *count)
{
	return read_digits(&text, count) && !*text;
}
