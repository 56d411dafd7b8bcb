/*
 * escape - the only way of foreign bytes to a terminal.
 *
 * Names, paths and arguments in a trace were chosen by somebody else. What
 * could steer a terminal or reorder its text (control characters, invalid
 * UTF-8, bidirectional controls, line separators) is shown as \xNN, byte by
 * byte; all other text stays as it is.
 */
#ifndef MEMPROF_TEXT_ESCAPE_H
#define MEMPROF_TEXT_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* For a terminal, or any text output. */
void escape_print(FILE *out, const char *text);

/* The same as a string; the caller frees it. */
char *escape_text(const char *text);

/* For XML and HTML, of a text without control characters. */
void escape_print_markup(FILE *out, const char *text);

/* For JSON: only invalid UTF-8 is replaced. The caller frees it. */
char *escape_utf8(const char *text);

/* One whole character, or one byte that begins none. */
struct escape_piece {
	size_t length; /* bytes */
	uint32_t character;
	bool is_valid;
};

/* That with which a text begins that is not empty. */
struct escape_piece escape_next(const char *text);
/* May a terminal see it? */
bool escape_is_harmless(struct escape_piece p);
/* Columns that it takes. */
size_t escape_piece_width(struct escape_piece p);

/* Columns that an escaped text takes. */
size_t escape_width(const char *text);

/*
 * Cut an escaped text, in place, to at most `columns`; what is missing, in its
 * middle or at its start, becomes "...". A path loses whole directories.
 */
void escape_cut_middle(char *text, size_t columns);
void escape_cut_path(char *text, size_t columns);

#endif
