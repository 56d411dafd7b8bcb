/*
 * check_rules - see check_rules.h.
 */
#include "cli/check/check_rules.h"

#include <stdlib.h>
#include <string.h>

#include "text/amount.h"
#include "trace/xmalloc.h"

static const struct {
	const char *name;
	enum query_metric metric;
	bool is_count, is_growth;
} kinds[] = {
	{ "max-leak", QUERY_LEAKED, false, false },
	{ "max-peak", QUERY_PEAK, false, false },
	{ "max-live", QUERY_LIVE, false, false },
	{ "max-allocated", QUERY_ALLOCATED, false, false },
	{ "max-calls", QUERY_CALLS, true, false },
	{ "max-temporary", QUERY_TEMPORARY, true, false },
	{ "max-growth", QUERY_LIVE, false, true },
};

void check_rules_begin(struct check_rules *r, const char *name)
{
	r->scopes = xgrow(r->scopes, &r->scope_room, r->scope_count + 1,
			  sizeof(*r->scopes));
	r->scopes[r->scope_count++] = (struct check_scope){
		.name = name ? xstrdup(name) : NULL,
	};
}

void check_rules_init(struct check_rules *r)
{
	*r = (struct check_rules){ .trust = QUERY_TRUST_COMPLETE };
	check_rules_begin(r, NULL);
}

void check_rules_release(struct check_rules *r)
{
	for (size_t i = 0; i < r->scope_count; i++) {
		free(r->scopes[i].name);
		free(r->scopes[i].condition);
		where_destroy(r->scopes[i].where);
		free(r->scopes[i].from);
		free(r->scopes[i].to);
	}
	for (size_t i = 0; i < r->count; i++)
		free(r->limits[i].text);
	for (size_t i = 0; i < r->known_count; i++)
		free(r->known[i]);
	free(r->known);
	free(r->baseline);
	free(r->mark);
	free(r->scopes);
	free(r->limits);
}

static int read_value(bool is_count, const char *text, uint64_t *value,
		      struct err *err)
{
	if (is_count)
		return amount_read_count(text, value)
			       ? 0
			       : err_set(err, "'%s' is no number", text);
	return amount_read_bytes(text, value)
		       ? 0
		       : err_set(err, "'%s' is no number of bytes", text);
}

int check_rules_limit(struct check_rules *r, const char *name,
		      const char *value, struct err *err)
{
	size_t kind = 0, scope = r->scope_count - 1;
	uint64_t most;

	while (kind < sizeof(kinds) / sizeof(*kinds) &&
	       strcmp(kinds[kind].name, name) != 0)
		kind++;
	if (kind == sizeof(kinds) / sizeof(*kinds))
		return err_set(err, "no limit '%s'", name);
	if (read_value(kinds[kind].is_count, value, &most, err) < 0)
		return -1;
	for (size_t i = 0; i < r->count; i++)
		if (r->limits[i].scope == scope &&
		    r->limits[i].name == kinds[kind].name)
			return err_set(err, "%s is given twice", name);
	r->limits =
		xgrow(r->limits, &r->room, r->count + 1, sizeof(*r->limits));
	r->limits[r->count++] = (struct check_limit){
		.name = kinds[kind].name,
		.text = xstrdup(value),
		.metric = kinds[kind].metric,
		.is_growth = kinds[kind].is_growth,
		.most = most,
		.scope = scope,
	};
	r->scopes[scope].limits++;
	return 0;
}

static int choose(char **member, const char *name, const char *value,
		  struct err *err)
{
	if (*member)
		return err_set(err, "%s is given twice", name);
	*member = xstrdup(value);
	return 0;
}

int check_rules_choose(struct check_rules *r, const char *name,
		       const char *value, struct err *err)
{
	struct check_scope *s = &r->scopes[r->scope_count - 1];

	/* A section is a scope from its head to its end. */
	if (s->limits && !s->name) {
		check_rules_begin(r, NULL);
		s = &r->scopes[r->scope_count - 1];
	}
	if (!strcmp(name, "from"))
		return choose(&s->from, name, value, err);
	if (!strcmp(name, "to"))
		return choose(&s->to, name, value, err);
	if (choose(&s->condition, name, value, err) < 0)
		return -1;
	s->where = where_parse(value, err);
	return s->where ? 0 : -1;
}

int check_rules_mark(struct check_rules *r, const char *value, struct err *err)
{
	return choose(&r->mark, "growth-mark", value, err);
}

int check_rules_file(struct check_rules *r, const char *name, const char *path,
		     struct err *err)
{
	if (!strcmp(name, "baseline"))
		return choose(&r->baseline, name, path, err);
	r->known = xgrow(r->known, &r->known_room, r->known_count + 1,
			 sizeof(*r->known));
	r->known[r->known_count++] = xstrdup(path);
	return 0;
}

int check_rules_trust(struct check_rules *r, const char *value, struct err *err)
{
	int found = query_trust_from_name(value);

	if (found < 0)
		return err_set(err, "'%s' is none of any, complete and exact",
			       value);
	r->trust = (enum query_trust)found;
	return 0;
}

/* The command line's only choice, made behind its limits. */
static bool is_behind_all(const struct check_rules *r)
{
	return r->scope_count == 2 && !r->scopes[0].condition &&
	       !r->scopes[0].from && !r->scopes[0].to && !r->scopes[1].name;
}

int check_rules_finish(struct check_rules *r, struct err *err)
{
	struct check_scope *last = &r->scopes[r->scope_count - 1];

	if (last->limits || r->scope_count == 1)
		return 0;
	if (!is_behind_all(r))
		return err_set(err, "%s%s: no limit follows that it is for",
			       last->name	 ? "section "
			       : last->condition ? "--where "
						 : "--from or --to",
			       last->name	 ? last->name
			       : last->condition ? last->condition
						 : "");
	for (size_t i = 0; i < r->count; i++)
		r->limits[i].scope = 1;
	last->limits = r->count;
	r->scopes[0].limits = 0;
	return 0;
}
