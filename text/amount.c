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
