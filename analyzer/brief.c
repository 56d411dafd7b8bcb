/*
 * brief - names of functions without what makes them long.
 */
#include "analyzer/query.h"

#include <stdlib.h>
#include <string.h>

#include "trace/xmalloc.h"

/* The bytes of "operator<<" and its like, which open no bracket. */
static size_t operator_length(const char *s)
{
	static const char *const brackets[] = {
		"()", "[]", "<=>", "<<=", ">>=", "->*", "<<",
		">>", "<=", ">=",  "->",  "<",	 ">",
	};
	static const char word[] = "operator";
	const char *symbol = s + sizeof(word) - 1;

	if (strncmp(s, word, sizeof(word) - 1) != 0)
		return 0;
	for (size_t i = 0; i < sizeof(brackets) / sizeof(*brackets); i++)
		if (strncmp(symbol, brackets[i], strlen(brackets[i])) == 0)
			return sizeof(word) - 1 + strlen(brackets[i]);
	return sizeof(word) - 1 + strspn(symbol, "=-!&|+*/%^~,");
}

/* Behind the bracket that closes the one at `s`. */
static const char *behind_bracket(const char *s)
{
	size_t depth = 0;

	for (; *s; s++) {
		if (strchr("(<{[", *s))
			depth++;
		else if (strchr(")>}]", *s) && s[-1] != '-' && --depth == 0)
			return s + 1;
	}
	return s;
}

static const char *behind_qualifiers(const char *s)
{
	static const char word[] = " const";

	return strncmp(s, word, sizeof(word) - 1) ? s : s + sizeof(word) - 1;
}

/*
 * Parameters follow a name. "(anonymous namespace)" and Rust's tuples follow a
 * separator, and Rust's "<T as Trait>" begins the name.
 */
static bool ends_name(const char *start, const char *end)
{
	return end > start && !strchr(" :<&,(", end[-1]);
}

/* The bytes of a part of a name of Python's in brackets of its own. */
static size_t python_length(const char *name, const char *s)
{
	static const char *const parts[] = {
		"<locals>",   "<lambda>",  "<module>",	"<listcomp>",
		"<dictcomp>", "<setcomp>", "<genexpr>",
	};
	size_t length;

	if (*s != '<' || (s > name && s[-1] != '.'))
		return 0;
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		length = strlen(parts[i]);
		if (strncmp(s, parts[i], length) == 0 &&
		    (!s[length] || s[length] == '.'))
			return length;
	}
	return 0;
}

char *query_brief_name(const char *name)
{
	char *out = xmalloc(strlen(name) + 3), *end = out;
	const char *s = name;
	bool is_operator = false;
	size_t length;

	while (*s) {
		length = operator_length(s);
		if (!length)
			length = python_length(name, s);
		if (!length && *s == '(' &&
		    (is_operator || ends_name(out, end))) {
			s = behind_qualifiers(behind_bracket(s));
			is_operator = false;
			continue;
		}
		if (!length && *s == '<' && s != name) {
			s = behind_bracket(s);
			/* Never longer: the brackets were two bytes too. */
			*end++ = '<';
			*end++ = '>';
			continue;
		}
		is_operator = length > 0 && *s != '<';
		length = length ? length : 1;
		memcpy(end, s, length);
		end += length;
		s += length;
	}
	*end = '\0';
	return out;
}
