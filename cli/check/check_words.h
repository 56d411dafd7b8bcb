/*
 * check_words - what a result says, in the same words in every format.
 *
 * Texts are the caller's own, and as found: whoever writes them escapes them.
 */
#ifndef MEMPROF_CLI_CHECK_WORDS_H
#define MEMPROF_CLI_CHECK_WORDS_H

#include "cli/check.h"

/* "passed", "failed", "inconclusive" */
const char *check_words_ruling(enum query_ruling ruling);
/* Why a trace is inconclusive; NULL when it is not. */
const char *check_words_why(const struct check_trace *t);

/* What was asked: "max-live 10MiB in [cache]". */
char *check_words_limit(const struct check_result *r);
/* What was found: "12.0 MiB in 3 blocks, 2048 KiB too much". */
char *check_words_found(const struct check_result *r);
/* A part of that: "3072 B in 3 blocks". */
char *check_words_share(const struct check_result *r,
			const struct query_share *share);

/*
 * The stack of a share, innermost first, a line for each frame down to main;
 * escaped for text.
 */
char *check_words_stack(const struct check_result *r,
			const struct query_share *share);

struct suppression;
/* "used", "unused" or "expired" */
const char *check_words_suppression(const struct suppression *s);
/* What strictness has against it; NULL nothing. */
const char *check_words_fault(const struct suppression *s);

/* A source file as seen from the current directory when it is below that. */
const char *check_words_path(const char *file);

#endif
