/*
 * moment - see moment.h.
 */
#include "analyzer/moment.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MARK "mark:"

enum {
	NAMES_SHOWN = 8,
};

static const struct {
	const char *name;
	double ns;
} units[] = {
	{ "s", 1e9 },  { "ms", 1e6 },	{ "us", 1e3 },	 { "ns", 1 },
	{ "m", 60e9 }, { "min", 60e9 }, { "h", 3600e9 },
};

/* Digits, and digits behind a point. */
static bool parse_number(const char *text, double *value, const char **rest)
{
	size_t size = strspn(text, "0123456789");
	char *end;

	if (text[size] == '.')
		size += 1 + strspn(text + size + 1, "0123456789");
	if (!isdigit((unsigned char)text[0]))
		return false;
	*value = strtod(text, &end);
	*rest = text + size;
	/* strtod() knows more, such as exponents. */
	return end == *rest || **rest == 'e' || **rest == 'E';
}

static int set_time(const struct trace *t, double ns, struct moment *m,
		    struct err *err)
{
	uint64_t duration = trace_run(t)->duration;

	if (ns > (double)duration)
		return err_set(err,
			       "no instant at %.9g s: the run lasted %.9g s",
			       ns / 1e9, (double)duration / 1e9);
	*m = (struct moment){ .kind = MOMENT_TIME, .time = (uint64_t)ns };
	if (m->time >= duration)
		*m = (struct moment){ .kind = MOMENT_END, .time = duration };
	return 0;
}

static int parse_time(const struct trace *t, const char *when, struct moment *m,
		      struct err *err)
{
	double duration = (double)trace_run(t)->duration, value;
	const char *unit;

	if (!parse_number(when, &value, &unit))
		return err_set(
			err,
			"no instant '@%s': there are end, peak, a time "
			"(12.5s), a part of the run (50%%) and mark:NAME",
			when);
	if (!*unit)
		return err_set(err, "'@%s' has no unit: say %ss or %s%%", when,
			       when, when);
	if (!strcmp(unit, "%") && value > 100)
		return err_set(err, "'@%s' is more than the whole run", when);
	if (!strcmp(unit, "%"))
		return set_time(t, duration * value / 100, m, err);
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (!strcmp(unit, units[i].name))
			return set_time(t, value * units[i].ns, m, err);
	return err_set(err,
		       "no unit '%s' in '@%s': there are h, m, s, ms, us, ns "
		       "and %%",
		       unit, when);
}

static bool has_name(const struct model_mark *m, const char *name, size_t size)
{
	return m->kind == MODEL_MARK_NAMED && !strncmp(m->name, name, size) &&
	       !m->name[size];
}

/* The mark of that name that is number `which`, 0 the last; else how many. */
static const struct model_mark *
find_mark(const struct trace *t, const char *name, size_t size, size_t *which)
{
	const struct model_mark *found = NULL;
	size_t n, count = 0;
	const struct model_mark *marks = trace_marks(t, &n);

	for (size_t i = 0; i < n; i++) {
		if (!has_name(&marks[i], name, size))
			continue;
		found = &marks[i];
		if (++count == *which)
			return found;
	}
	if (*which)
		found = NULL;
	*which = count;
	return found;
}

static bool is_named_before(const struct model_mark *marks, size_t i)
{
	for (size_t n = 0; n < i; n++)
		if (has_name(&marks[n], marks[i].name, strlen(marks[i].name)))
			return true;
	return false;
}

static int no_mark(const struct trace *t, const char *name, struct err *err)
{
	size_t n, shown = 0;
	const struct model_mark *marks = trace_marks(t, &n);
	char list[256] = "";
	size_t at = 0;

	for (size_t i = 0; i < n && at < sizeof(list); i++) {
		if (marks[i].kind != MODEL_MARK_NAMED ||
		    is_named_before(marks, i))
			continue;
		if (shown++ == NAMES_SHOWN)
			break;
		at += (size_t)snprintf(list + at, sizeof(list) - at, "%s%s",
				       shown > 1 ? ", " : "", marks[i].name);
	}
	if (!shown)
		return err_set(err,
			       "no mark '%s' in this trace: it has none at all",
			       name);
	return err_set(err, "no mark '%s' in this trace: it has %s%s", name,
		       list, shown > NAMES_SHOWN ? ", ..." : "");
}

/* NAME#N: where the number begins, or NULL. */
static const char *find_number(const char *name, size_t *number)
{
	const char *hash = strrchr(name, '#');
	char *end;

	if (!hash || !isdigit((unsigned char)hash[1]))
		return NULL;
	*number = strtoul(hash + 1, &end, 10);
	return *end || !*number ? NULL : hash;
}

static int parse_mark(const struct trace *t, const char *name, struct moment *m,
		      struct err *err)
{
	size_t which = 0, number;
	const struct model_mark *mark =
		find_mark(t, name, strlen(name), &which);
	const char *hash = find_number(name, &number);

	if (!mark && hash) {
		which = number;
		mark = find_mark(t, name, (size_t)(hash - name), &which);
		if (!mark && which)
			return err_set(err,
				       "no mark '%s': there %s %zu of that "
				       "name",
				       name, which == 1 ? "is" : "are", which);
	}
	if (!mark)
		return no_mark(t, name, err);
	if (mark->events > trace_run(t)->events)
		return err_set(err,
			       "mark '%s' lies behind what can be read of the "
			       "trace",
			       name);
	*m = (struct moment){ .kind = MOMENT_EVENT,
			      .time = mark->time,
			      .events = mark->events };
	return 0;
}

bool moment_is_possible(const char *when)
{
	return !strcmp(when, "end") || !strcmp(when, "peak") ||
	       !strncmp(when, MARK, strlen(MARK)) ||
	       isdigit((unsigned char)when[0]);
}

int moment_parse(const struct trace *t, const char *when, struct moment *m,
		 struct err *err)
{
	if (!strcmp(when, "end")) {
		*m = (struct moment){ .kind = MOMENT_END,
				      .time = trace_run(t)->duration };
		return 0;
	}
	if (!strcmp(when, "peak")) {
		*m = (struct moment){ .kind = MOMENT_PEAK,
				      .time = trace_peak(t, MODEL_HEAP)->time };
		return 0;
	}
	if (!strncmp(when, MARK, strlen(MARK)))
		return parse_mark(t, when + strlen(MARK), m, err);
	return parse_time(t, when, m, err);
}

int moment_seek(const struct moment *m, const struct trace *t,
		struct instant *i, struct err *err)
{
	switch (m->kind) {
	case MOMENT_END:
		return instant_seek_event(i, trace_run(t)->events, err);
	case MOMENT_PEAK:
		return instant_seek_peak(i, err);
	case MOMENT_TIME:
		return instant_seek_time(i, m->time, err);
	case MOMENT_EVENT:
		break;
	}
	return instant_seek_event(i, m->events, err);
}
