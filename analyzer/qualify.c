/*
 * Design
 * ------
 * What a line is in follows from indentation: going up from it, each line that
 * is indented less and begins with a word that a block has is around it. Other
 * lines that are indented less go on with a statement or a string.
 *
 * Text in a string may look like the head of a block, and the default of a
 * parameter like a part of its function. Of 76,237 functions of the standard
 * library of 3.11, which knows, 507 get another name, most of them in tests
 * that hold programs in strings. That the function is where its code says is
 * checked first, and a source that is newer than the run is not looked at.
 */
#include "analyzer/qualify.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace/xmalloc.h"

enum {
	TAB = 8,
	DECORATOR_LINES = 100,
};

struct line {
	const char *text; /* without its indentation; NULL there is no line */
	size_t indent;
};

static struct line line_at(struct sources *s, const char *file, uint32_t number)
{
	struct line l = { .text = sources_line(s, file, number) };

	for (; l.text && (*l.text == ' ' || *l.text == '\t'); l.text++)
		l.indent = *l.text == '\t' ? (l.indent / TAB + 1) * TAB
					   : l.indent + 1;
	return l;
}

/* Behind a word and the blanks after it; NULL when it does not begin so. */
static const char *behind_word(const char *text, const char *word)
{
	size_t length = strlen(word);

	if (strncmp(text, word, length) != 0 ||
	    (text[length] != ' ' && text[length] != '\t'))
		return NULL;
	return text + length + strspn(text + length, " \t");
}

/* The name that a line defines, and how long it is; NULL when it does not. */
static const char *defined(const char *text, size_t *length, bool *is_class)
{
	const char *rest = behind_word(text, "async");
	const char *name = behind_word(rest ? rest : text, "def");

	*is_class = false;
	if (!name) {
		name = behind_word(text, "class");
		*is_class = name != NULL;
	}
	*length = 0;
	while (name && (isalnum((unsigned char)name[*length]) ||
			name[*length] == '_' || name[*length] & 0x80))
		(*length)++;
	return *length ? name : NULL;
}

static bool begins_block(const char *text)
{
	static const char *const words[] = {
		"class", "def",	 "async", "if",	    "elif",  "else", "for",
		"while", "with", "try",	  "except", "match", "case", "finally",
	};
	size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyz");

	if (isalnum((unsigned char)text[length]) || text[length] == '_')
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strlen(words[i]) == length &&
		    strncmp(text, words[i], length) == 0)
			return true;
	return false;
}

static bool begins_statement(const char *text)
{
	return isalpha((unsigned char)*text) || *text == '_' || *text == '@';
}

/* Does the line, or one behind its decorators, define the code? */
static bool defines(struct sources *s, const char *file,
		    const struct model_code *c)
{
	struct line first = line_at(s, file, c->first_line), l = first;
	const char *name;
	bool is_class;
	size_t length;

	/* "<lambda>" and its like stand anywhere. */
	if (c->name[0] == '<')
		return first.text != NULL;
	for (uint32_t i = 0; l.text && i < DECORATOR_LINES; i++) {
		name = defined(l.text, &length, &is_class);
		if (name && l.indent == first.indent)
			return strlen(c->name) == length &&
			       strncmp(name, c->name, length) == 0;
		if (first.text[0] != '@')
			return false;
		l = line_at(s, file, c->first_line + i + 1);
	}
	return false;
}

static char *prefix(char *name, const char *outer, size_t length, bool is_class)
{
	char *text;

	if (asprintf(&text, "%.*s.%s%s", (int)length, outer,
		     is_class ? "" : "<locals>.", name) < 0)
		xmalloc_failed();
	free(name);
	return text;
}

/* NULL where a line between is missing: it might be the one. */
static char *add_outer(struct sources *s, const char *file,
		       const struct model_code *c, char *name)
{
	struct line l = line_at(s, file, c->first_line);
	size_t indent = l.indent, length;
	bool in_block = false, is_class;
	const char *outer;

	for (uint32_t i = c->first_line; indent && --i;) {
		l = line_at(s, file, i);
		if (!l.text)
			break;
		if (l.indent >= indent)
			continue;
		if (!begins_block(l.text)) {
			/* What stands in a statement is where that begins. */
			if (c->name[0] == '<' && !in_block &&
			    begins_statement(l.text))
				indent = l.indent;
			continue;
		}
		in_block = true;
		indent = l.indent;
		outer = defined(l.text, &length, &is_class);
		if (outer)
			name = prefix(name, outer, length, is_class);
	}
	if (l.text)
		return name;
	free(name);
	return NULL;
}

char *qualify(struct sources *s, const char *file, const struct model_code *c)
{
	if (!c->first_line || strcmp(c->name, "<module>") == 0 ||
	    sources_note(s, file, "") || !defines(s, file, c))
		return NULL;
	return add_outer(s, file, c, xstrdup(c->name));
}
