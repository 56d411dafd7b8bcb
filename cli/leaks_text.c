/*
 * leaks_text - records and a summary in the words of memcheck, largest first.
 */
#include "cli/leaks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/amount.h"
#include "text/escape.h"
#include "text/place.h"
#include "text/root.h"

enum {
	FRAMES_SHOWN = 16,
	ROOTS_SHOWN = 20,
};

static const char *const words[MODEL_LEAK_CLASSES] = {
	[MODEL_LEAK_DEFINITE] = "definitely lost",
	[MODEL_LEAK_INDIRECT] = "indirectly lost",
	[MODEL_LEAK_POSSIBLE] = "possibly lost",
	[MODEL_LEAK_REACHABLE] = "still reachable",
};

/* "src/a.c:12", "a.c" of a file; the last part of a module's path. */
static void print_where(const struct query_frame *f)
{
	if (f->file) {
		fputs(" (", stdout);
		escape_print(stdout, place_base(f->file));
		if (f->line)
			printf(":%u", f->line);
		putchar(')');
	} else if (f->module) {
		fputs(" (in ", stdout);
		escape_print(stdout, place_base(f->module));
		putchar(')');
	}
}

static void print_frame(const struct query_frame *f, bool first)
{
	printf("   %s ", first ? "at" : "by");
	if (f->function)
		escape_print(stdout, f->function);
	else
		printf("0x%jx", (uintmax_t)f->addr);
	print_where(f);
	putchar('\n');
}

static bool is_main(const struct query_frame *f)
{
	return f->function && !f->python && !strcmp(f->function, "main");
}

static void print_stack(const struct leaks_answer *a,
			const struct query_row *row)
{
	size_t count, shown = 0;
	const struct query_frame *f = profile_frames(a->profile, row, &count);

	for (size_t i = 0; i < count; i++) {
		if (!a->full && shown == FRAMES_SHOWN) {
			printf("   and %zu more (--full)\n", count - i);
			return;
		}
		print_frame(&f[i], !shown++);
		if (!a->full && is_main(&f[i]) && !f[i].inlined)
			return;
	}
}

static void print_record(const struct leaks_answer *a,
			 const struct leaks_record *r, size_t number,
			 size_t count)
{
	const struct query_classes *c = &r->row->counts.classes;
	bool holds = r->class == MODEL_LEAK_DEFINITE && c->held_blocks;

	if (holds) {
		printf("%s", amount_count(r->bytes + c->held_bytes).text);
		printf(" (%s direct,", amount_count(r->bytes).text);
		printf(" %s indirect)", amount_count(c->held_bytes).text);
	} else {
		printf("%s", amount_count(r->bytes).text);
	}
	printf(" bytes in %s blocks are %s in record %zu of %zu\n",
	       amount_count(r->blocks).text, words[r->class], number, count);
	print_stack(a, r->row);
	putchar('\n');
}

static void print_root(const struct query_root *r)
{
	char *text = root_text(r);

	printf("%12s in %10s  %s\n", amount_bytes(r->bytes).text,
	       amount_count(r->blocks).text, text);
	free(text);
}

static void print_roots(const struct leaks_answer *a)
{
	size_t count, shown;
	const struct query_root *roots = profile_roots(a->profile, &count);

	shown = count;
	if (a->limit && shown > ROOTS_SHOWN)
		shown = ROOTS_SHOWN;
	if (!shown)
		return;
	puts("HELD BY (what several hold counts with the first):");
	for (size_t i = 0; i < shown; i++)
		print_root(&roots[i]);
	if (shown < count)
		printf("   and %zu more (--limit 0)\n", count - shown);
	putchar('\n');
}

static void print_summary(const struct leaks_answer *a)
{
	const struct query_classes *c = &a->result->total.classes;

	puts("LEAK SUMMARY:");
	for (size_t i = 0; i < MODEL_LEAK_CLASSES; i++) {
		printf("%18s: ", words[i]);
		printf("%s bytes", amount_count(c->bytes[i]).text);
		printf(" in %s blocks\n", amount_count(c->blocks[i]).text);
	}
	if (a->has_known) {
		printf("%18s: ", "suppressed");
		printf("%s bytes", amount_count(a->known_bytes).text);
		printf(" in %s blocks\n", amount_count(a->known_blocks).text);
	}
	if (a->leaks->unread)
		printf("%s of memory could not be read\n",
		       amount_bytes(a->leaks->unread).text);
	if (a->leaks->replaced)
		printf("not known: what %s processes lost before they "
		       "executed another program\n",
		       amount_count(a->leaks->replaced).text);
}

static void print_moment(const struct leaks_answer *a)
{
	if (!a->leaks->is_then)
		return;
	printf("as it was %s after the start; it stood still for ",
	       amount_time(profile_time(a->profile)).text);
	printf("%s\n", amount_time(a->leaks->stopped).text);
}

void leaks_text(const struct leaks_answer *a)
{
	size_t count, shown;
	struct leaks_record *list = leaks_records(a, &count);

	shown = a->limit && a->limit < count ? a->limit : count;
	for (size_t i = 0; i < shown; i++)
		print_record(a, &list[i], i + 1, count);
	if (shown < count)
		printf("and %zu more records (--limit 0 shows all)\n\n",
		       count - shown);
	if (a->show[MODEL_LEAK_REACHABLE])
		print_roots(a);
	print_summary(a);
	print_moment(a);
	free(list);
}
