/*
 * check_compare - see check_compare.h.
 */
#include "cli/check/check_compare.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/check/check_gate.h"
#include "text/metric.h"
#include "trace/xmalloc.h"

/* A figure as a limit, on the blocks of its function. */
struct check_figure {
	struct check_figure *next;
	struct check_limit limit;
	struct check_scope scope;
};

void check_compare_release(struct check_trace *t)
{
	struct check_figure *f;

	while ((f = t->figures)) {
		t->figures = f->next;
		free(f->limit.text);
		where_destroy(f->scope.where);
		free(f);
	}
}

static struct check_figure *
add_figure(struct check_trace *t, const struct check_row *row, size_t metric,
	   const struct check_row *before, const char *tolerance)
{
	enum query_metric m = check_baseline_metrics[metric];
	uint64_t was = before ? before->figures[metric] : 0;
	bool has_file = strcmp(row->file, "-") != 0;
	struct check_figure *f = xcalloc(1, sizeof(*f));

	if (asprintf(&f->limit.text, "%s of %s%s%s (%s, %s)",
		     query_metric_name(m), row->function, has_file ? " " : "",
		     has_file ? row->file : "", metric_amount(m, was).text,
		     before ? before->tolerance.text : tolerance) < 0)
		xmalloc_failed();
	f->limit.name = "baseline";
	f->limit.metric = m;
	f->next = t->figures;
	t->figures = f;
	return f;
}

static int choose(struct check_scope *s, const char *function, struct err *err)
{
	char *text = xmalloc(2 * strlen(function) + 32), *to = text;

	to += sprintf(to, "function = \"");
	for (; *function; function++) {
		if (*function == '"' || *function == '\\')
			*to++ = '\\';
		*to++ = *function;
	}
	strcpy(to, "\"");
	s->where = where_parse(text, err);
	free(text);
	return s->where ? 0 : -1;
}

static int judge(const struct check *c, struct check_trace *t,
		 const struct check_row *row, size_t metric, struct err *err)
{
	const struct check_row *before = check_baseline_find(c->baseline, row);
	struct check_figure *f =
		add_figure(t, row, metric, before, c->tolerance);
	struct check_result r = { .limit = &f->limit,
				  .scope = &f->scope,
				  .profile = t->profile };
	struct query_judgement *j;
	struct check_tolerance otherwise;

	check_baseline_tolerance(c->tolerance, &otherwise);
	f->limit.most = check_baseline_most(before, metric, &otherwise);
	if (row->place.function &&
	    choose(&f->scope, row->place.function, err) < 0)
		return -1;
	if (check_gate_put(c, t, r, err) < 0)
		return -1;
	/* Instances of a template are one row, and more than their largest. */
	j = &t->results[t->count - 1].judgement;
	if (j->ruling == QUERY_KEPT && row->figures[metric] > f->limit.most) {
		j->ruling = t->ruling = QUERY_BROKEN;
		j->value = row->figures[metric];
	}
	return 0;
}

int check_compare(const struct check *c, struct check_trace *t, struct err *err)
{
	struct check_baseline now = { .rows = NULL };
	struct check_tolerance otherwise;
	int ret = check_baseline_take(&now, t->profile, c->tolerance, err);

	check_baseline_tolerance(c->tolerance, &otherwise);
	for (size_t i = 0; i < now.count && !ret; i++) {
		const struct check_row *row = &now.rows[i];
		const struct check_row *before =
			check_baseline_find(c->baseline, row);

		for (size_t m = 0; m < CHECK_BASELINE_METRICS && !ret; m++) {
			bool is_known = row->is_known[m] &&
					(!before || before->is_known[m]);
			uint64_t most =
				check_baseline_most(before, m, &otherwise);

			if (is_known && (!i || row->figures[m] > most))
				ret = judge(c, t, row, m, err);
		}
	}
	check_baseline_release(&now);
	return ret;
}

int check_compare_update(const struct check *c, const struct check_trace *t,
			 const struct check_baseline *before, const char *path,
			 struct err *err)
{
	struct check_baseline now = { .rows = NULL };
	const char *doubt;
	int ret;

	if (t->trouble)
		return err_set(err, "'%s' is not updated: %s", path,
			       t->trouble);
	doubt = profile_doubt(t->profile, c->rules->trust);
	if (doubt)
		return err_set(err, "'%s' is not updated: %s", path, doubt);
	ret = check_baseline_take(&now, t->profile, c->tolerance, err);
	if (!ret)
		ret = check_baseline_write(&now, before, path, err);
	check_baseline_release(&now);
	return ret;
}
