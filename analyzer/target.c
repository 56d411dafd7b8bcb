/*
 * target - see target.h.
 */
#include "analyzer/target.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/places.h"
#include "trace/xmalloc.h"

/* Behind the last "::" outside brackets; D's and Rust's modules as well. */
static const char *last_part(const char *name)
{
	const char *part = name;
	int depth = 0;

	for (const char *s = name; *s; s++) {
		if (strchr("<({[", *s))
			depth++;
		else if (strchr(">)}]", *s))
			depth--;
		else if (!depth && s[0] == ':' && s[1] == ':' && s[2])
			part = s + 2;
	}
	return part;
}

static bool is_name(const char *target, const char *name)
{
	return places_matches(target, name) ||
	       places_matches(target, last_part(name));
}

static void drop_arguments(char *name)
{
	char *at;

	while ((at = strstr(name, "<>")))
		memmove(at, at + 2, strlen(at + 2) + 1);
}

bool target_is_function(const char *target, const char *function)
{
	char *brief;
	bool is;

	if (places_matches(target, function))
		return true;
	brief = query_brief_name(function);
	is = is_name(target, brief);
	drop_arguments(brief);
	is = is || is_name(target, brief);
	free(brief);
	return is;
}

/* Fits all of the dotted name, or its last parts. */
static bool is_dotted(const char *target, const char *name)
{
	const char *dot = name;

	if (places_matches(target, name))
		return true;
	while ((dot = strchr(dot, '.')))
		if (places_matches(target, ++dot))
			return true;
	return false;
}

bool target_is_python(const char *target, const char *module,
		      const char *function)
{
	static const char locals[] = ".<locals>";
	char *name, *at;
	bool is;

	if (asprintf(&name, "%s.%s", module ? module : "", function) < 0)
		xmalloc_failed();
	is = is_dotted(target, name);
	while ((at = strstr(name, locals)))
		memmove(at, at + sizeof(locals) - 1,
			strlen(at + sizeof(locals) - 1) + 1);
	is = is || is_dotted(target, name);
	free(name);
	return is;
}

bool target_is_file(const char *target, size_t length, const char *path)
{
	size_t all = strlen(path);

	if (!length || length > all ||
	    memcmp(path + all - length, target, length) != 0)
		return false;
	return length == all || target[0] == '/' ||
	       path[all - length - 1] == '/';
}

size_t target_split(const char *target, uint32_t *line)
{
	const char *colon = strrchr(target, ':');
	unsigned long number;
	char *end;

	*line = 0;
	if (!colon || colon == target || colon[1] < '0' || colon[1] > '9')
		return strlen(target);
	errno = 0;
	number = strtoul(colon + 1, &end, 10);
	if (errno || *end || !number || number > UINT32_MAX)
		return strlen(target);
	*line = (uint32_t)number;
	return (size_t)(colon - target);
}
