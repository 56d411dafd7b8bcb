/*
 * Design
 * ------
 * Recursive descent over
 *
 *	any     = all { "or" all }
 *	all     = one { "and" one }
 *	one     = "not" one | "(" any ")" | test
 *	test    = field [ operator value ]
 *
 * into nodes of one array. A list of alternatives is one node with many
 * children, so only brackets and "not" nest, and those are limited. What is
 * wrong is said once, at the first place where it shows.
 */
#include "analyzer/where.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/places.h"
#include "analyzer/where_lexer.h"
#include "trace/xmalloc.h"

enum {
	DEPTH_MAX = 64,
	TEXT_MAX = 1 << 16, /* bytes */
	NONE = UINT32_MAX,
};

enum node_kind {
	NODE_ANY,
	NODE_ALL,
	NODE_NOT,
	NODE_TEST,
};

struct node {
	enum node_kind kind;
	uint32_t first, next; /* child, sibling; NONE */
	struct where_test test;
};

struct where {
	char *text; /* as written, owned */
	char *strings; /* that tests have, owned */
	struct node *nodes; /* owned */
	size_t count, capacity;
	uint32_t tests;
	uint32_t root;
};

enum value_kind {
	VALUE_TEXT,
	VALUE_NUMBER,
	VALUE_BYTES,
	VALUE_TIME,
	VALUE_TRUTH, /* a field that stands alone */
};

static const struct {
	const char *name;
	enum value_kind kind;
} fields[WHERE_FIELDS] = {
	[WHERE_FUNCTION] = { "function", VALUE_TEXT },
	[WHERE_FILE] = { "file", VALUE_TEXT },
	[WHERE_LINE] = { "line", VALUE_NUMBER },
	[WHERE_MODULE] = { "module", VALUE_TEXT },
	[WHERE_STACK] = { "stack", VALUE_TEXT },
	[WHERE_STACKFILE] = { "stackfile", VALUE_TEXT },
	[WHERE_STACKMODULE] = { "stackmodule", VALUE_TEXT },
	[WHERE_THREAD] = { "thread", VALUE_TEXT },
	[WHERE_TID] = { "tid", VALUE_NUMBER },
	[WHERE_PROCESS] = { "process", VALUE_TEXT },
	[WHERE_PID] = { "pid", VALUE_NUMBER },
	[WHERE_SIZE] = { "size", VALUE_BYTES },
	[WHERE_TIME] = { "time", VALUE_TIME },
	[WHERE_LIFETIME] = { "lifetime", VALUE_TIME },
	[WHERE_LIVE] = { "live", VALUE_TRUTH },
	[WHERE_TEMPORARY] = { "temporary", VALUE_TRUTH },
};

static const struct {
	const char *sign;
	enum where_compare compare;
	bool text, number; /* applies to */
} operators[] = {
	{ "!=", WHERE_UNEQUAL, true, true },
	{ "!~", WHERE_UNLIKE, true, false },
	{ "<=", WHERE_AT_MOST, false, true },
	{ ">=", WHERE_AT_LEAST, false, true },
	{ "==", WHERE_EQUAL, true, true },
	{ "=", WHERE_EQUAL, true, true },
	{ "<", WHERE_LESS, false, true },
	{ ">", WHERE_MORE, false, true },
	{ "~", WHERE_LIKE, true, false },
};

struct parser {
	struct where *where;
	struct where_lexer lexer;
	size_t depth;
};

static uint32_t parse_any(struct parser *p);

static uint32_t add_node(struct parser *p, struct node node)
{
	struct where *w = p->where;

	node.next = NONE;
	w->nodes =
		xgrow(w->nodes, &w->capacity, w->count + 1, sizeof(*w->nodes));
	w->nodes[w->count] = node;
	return (uint32_t)w->count++;
}

/* The field that begins like the word there, for those who mistype. */
static uint32_t refuse_field(struct parser *p)
{
	struct where_lexer *l = &p->lexer;
	size_t size = where_lexer_word(l);

	if (!size) {
		where_lexer_fail(l, "a condition is missing");
		return NONE;
	}
	for (size_t i = 0; i < WHERE_FIELDS; i++) {
		const char *name = fields[i].name;

		if (strncmp(name, l->at, size < 2 ? size : 2) != 0)
			continue;
		where_lexer_fail(l, "no field '%.*s': is it '%s'?", (int)size,
				 l->at, name);
		return NONE;
	}
	where_lexer_fail(l, "no field '%.*s': see memprof-where(7)", (int)size,
			 l->at);
	return NONE;
}

static bool parse_value(struct parser *p, enum value_kind kind,
			struct where_test *test)
{
	struct where_lexer *l = &p->lexer;

	switch (kind) {
	case VALUE_TEXT:
		test->text = where_lexer_text(l);
		return test->text;
	case VALUE_BYTES:
		return where_lexer_bytes(l, &test->number);
	case VALUE_TIME:
		return where_lexer_time(l, &test->number);
	case VALUE_NUMBER:
		return where_lexer_number(l, &test->number);
	case VALUE_TRUTH:
		break;
	}
	test->number = 1;
	test->compare = WHERE_EQUAL;
	return true;
}

static bool parse_operator(struct parser *p, enum value_kind kind,
			   enum where_compare *compare)
{
	struct where_lexer *l = &p->lexer;
	bool is_text = kind == VALUE_TEXT;

	for (size_t i = 0; i < sizeof(operators) / sizeof(*operators); i++) {
		if (!where_lexer_has_sign(l, operators[i].sign))
			continue;
		if (!(is_text ? operators[i].text : operators[i].number))
			break;
		*compare = operators[i].compare;
		return where_lexer_take_sign(l, operators[i].sign);
	}
	where_lexer_fail(l, is_text ? "a text needs one of = != ~ !~"
				    : "a number needs one of = != < <= > >=");
	return false;
}

static uint32_t parse_test(struct parser *p)
{
	struct where_test test = { .field = 0 };
	enum value_kind kind;

	while (test.field < WHERE_FIELDS &&
	       !where_lexer_take_word(&p->lexer, fields[test.field].name))
		test.field++;
	if (test.field == WHERE_FIELDS)
		return refuse_field(p);
	kind = fields[test.field].kind;
	if (kind != VALUE_TRUTH && !parse_operator(p, kind, &test.compare))
		return NONE;
	if (!parse_value(p, kind, &test))
		return NONE;
	test.index = p->where->tests++;
	return add_node(p, (struct node){ .kind = NODE_TEST,
					  .first = NONE,
					  .test = test });
}

/* not, an expression in brackets, or a test. */
static uint32_t parse_one(struct parser *p)
{
	struct where_lexer *l = &p->lexer;
	uint32_t inner, outer;

	if (where_lexer_take_sign(l, "(")) {
		inner = parse_any(p);
		if (inner != NONE && !where_lexer_take_sign(l, ")")) {
			where_lexer_fail(l, "')' or a word such as 'and' is "
					    "missing");
			return NONE;
		}
		return inner;
	}
	if (!where_lexer_take_word(l, "not"))
		return parse_test(p);
	if (++p->depth > DEPTH_MAX) {
		where_lexer_fail(l, "nested too deeply");
		return NONE;
	}
	inner = parse_one(p);
	p->depth--;
	outer = add_node(p, (struct node){ .kind = NODE_NOT, .first = inner });
	return inner == NONE ? NONE : outer;
}

/* One or several, with a word between them. */
static uint32_t parse_list(struct parser *p, enum node_kind kind,
			   const char *word, uint32_t (*parse)(struct parser *))
{
	uint32_t first = parse(p), last = first;

	while (last != NONE && where_lexer_take_word(&p->lexer, word)) {
		uint32_t next = parse(p);

		p->where->nodes[last].next = next;
		last = next;
	}
	if (last == NONE || last == first)
		return last;
	return add_node(p, (struct node){ .kind = kind, .first = first });
}

static uint32_t parse_all(struct parser *p)
{
	return parse_list(p, NODE_ALL, "and", parse_one);
}

static uint32_t parse_any(struct parser *p)
{
	uint32_t any = NONE;

	if (++p->depth > DEPTH_MAX)
		where_lexer_fail(&p->lexer, "nested too deeply");
	else
		any = parse_list(p, NODE_ANY, "or", parse_all);
	p->depth--;
	return any;
}

struct where *where_parse(const char *text, struct err *err)
{
	struct where *w = xcalloc(1, sizeof(*w));
	struct parser p = { .where = w };

	w->text = xstrdup(text);
	where_lexer_init(&p.lexer, w->text, err);
	if (strlen(text) > TEXT_MAX)
		where_lexer_fail(&p.lexer, "too long");
	else
		w->root = parse_any(&p);
	if (!p.lexer.failed && !where_lexer_is_at_end(&p.lexer))
		where_lexer_fail(&p.lexer, "'and' or 'or' is missing");
	w->strings = p.lexer.strings;
	if (p.lexer.failed) {
		where_destroy(w);
		return NULL;
	}
	return w;
}

void where_destroy(struct where *w)
{
	if (!w)
		return;
	free(w->text);
	free(w->strings);
	free(w->nodes);
	free(w);
}

const char *where_text(const struct where *w)
{
	return w->text;
}

size_t where_tests(const struct where *w)
{
	return w->tests;
}

bool where_uses(const struct where *w, enum where_field field)
{
	for (size_t i = 0; i < w->count; i++)
		if (w->nodes[i].kind == NODE_TEST &&
		    w->nodes[i].test.field == field)
			return true;
	return false;
}

struct evaluation {
	const struct where *where;
	where_ask *ask;
	void *context;
};

static enum where_answer evaluate(const struct evaluation *e, uint32_t number);

/* Of a list: `decides` settles it, whatever the others are. */
static enum where_answer evaluate_list(const struct evaluation *e,
				       uint32_t first,
				       enum where_answer decides)
{
	enum where_answer all = decides == WHERE_YES ? WHERE_NO : WHERE_YES;

	for (uint32_t i = first; i != NONE; i = e->where->nodes[i].next) {
		enum where_answer one = evaluate(e, i);

		if (one == decides)
			return one;
		if (one == WHERE_MAYBE)
			all = one;
	}
	return all;
}

static enum where_answer evaluate(const struct evaluation *e, uint32_t number)
{
	const struct node *n = &e->where->nodes[number];
	enum where_answer inner;

	switch (n->kind) {
	case NODE_ANY:
		return evaluate_list(e, n->first, WHERE_YES);
	case NODE_ALL:
		return evaluate_list(e, n->first, WHERE_NO);
	case NODE_TEST:
		return e->ask(e->context, &n->test);
	case NODE_NOT:
		break;
	}
	inner = evaluate(e, n->first);
	if (inner == WHERE_MAYBE)
		return inner;
	return inner == WHERE_YES ? WHERE_NO : WHERE_YES;
}

enum where_answer where_evaluate(const struct where *w, where_ask *ask,
				 void *context)
{
	const struct evaluation e = { .where = w,
				      .ask = ask,
				      .context = context };

	return evaluate(&e, w->root);
}

bool where_fits_number(const struct where_test *test, uint64_t number)
{
	switch (test->compare) {
	case WHERE_EQUAL:
		return number == test->number;
	case WHERE_UNEQUAL:
		return number != test->number;
	case WHERE_LESS:
		return number < test->number;
	case WHERE_AT_MOST:
		return number <= test->number;
	case WHERE_MORE:
		return number > test->number;
	case WHERE_AT_LEAST:
		return number >= test->number;
	case WHERE_LIKE:
	case WHERE_UNLIKE:
		break;
	}
	return false;
}

static bool is_negated(const struct where_test *test)
{
	return test->compare == WHERE_UNEQUAL || test->compare == WHERE_UNLIKE;
}

static bool is_like(const struct where_test *test, const char *text)
{
	if (test->compare == WHERE_LIKE || test->compare == WHERE_UNLIKE)
		return places_matches(test->text, text);
	return strcmp(test->text, text) == 0;
}

bool where_fits_text(const struct where_test *test, const char *text)
{
	return (text && is_like(test, text)) != is_negated(test);
}

bool where_fits_name(const struct where_test *test, const char *full,
		     const char *plain)
{
	bool fits = (full && is_like(test, full)) ||
		    (plain && is_like(test, plain));

	return fits != is_negated(test);
}

bool where_fits_path(const struct where_test *test, const char *path)
{
	bool fits = false;

	while (path && !fits) {
		fits = is_like(test, path);
		path = strchr(path, '/');
		path = path ? path + 1 : NULL;
	}
	return fits != is_negated(test);
}
