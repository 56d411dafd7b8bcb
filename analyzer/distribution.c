/*
 * Design
 * ------
 * What lies under /usr (but not /usr/local) came in a package; everything else
 * was built by the user, who builds it again with -g. The distribution is the
 * ID of /etc/os-release, or one of those that it says it is like.
 */
#include "analyzer/distribution.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/query.h"
#include "trace/xmalloc.h"

static const struct {
	const char *id;
	const char *hint; /* %s is the file */
} distributions[] = {
	{ "debian", "export DEBUGINFOD_URLS=https://debuginfod.debian.net "
		    "(with libdebuginfod1 installed)" },
	{ "ubuntu", "export DEBUGINFOD_URLS=https://debuginfod.ubuntu.com "
		    "(with libdebuginfod1 installed)" },
	{ "fedora", "sudo dnf debuginfo-install %s" },
	{ "rhel", "sudo dnf debuginfo-install %s" },
	{ "opensuse",
	  "export DEBUGINFOD_URLS=https://debuginfod.opensuse.org" },
	{ "arch", "export DEBUGINFOD_URLS=https://debuginfod.archlinux.org" },
};

static bool has_prefix(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

static bool is_packaged(const char *path)
{
	if (has_prefix(path, "/usr/local/"))
		return false;
	return has_prefix(path, "/usr/") || has_prefix(path, "/lib") ||
	       has_prefix(path, "/bin/") || has_prefix(path, "/sbin/");
}

/* The hint for one of the words in an ID or ID_LIKE value. */
static const char *hint_for(char *value)
{
	char *rest = NULL;

	for (char *word = strtok_r(value, " \"'\n", &rest); word;
	     word = strtok_r(NULL, " \"'\n", &rest))
		for (size_t i = 0;
		     i < sizeof(distributions) / sizeof(*distributions); i++)
			if (strcmp(word, distributions[i].id) == 0)
				return distributions[i].hint;
	return NULL;
}

static const char *this_hint(void)
{
	FILE *f = fopen("/etc/os-release", "re");
	const char *own = NULL, *like = NULL;
	char line[256];

	if (!f)
		return NULL;
	while (fgets(line, sizeof(line), f)) {
		if (has_prefix(line, "ID="))
			own = hint_for(line + strlen("ID="));
		else if (has_prefix(line, "ID_LIKE="))
			like = hint_for(line + strlen("ID_LIKE="));
	}
	fclose(f);
	return own ? own : like;
}

const char *distribution_debug_hint(struct arena *arena, const char *path)
{
	const char *hint = is_packaged(path) ? this_hint() : NULL;
	const char *file = hint ? strstr(hint, "%s") : NULL;
	size_t before, after;
	char *text;

	if (!hint)
		return is_packaged(path) ? "install its debug package"
					 : "rebuild it with -g";
	if (!file)
		return hint;
	before = (size_t)(file - hint);
	after = strlen(file + 2);
	text = arena_alloc(arena, before + strlen(path) + after + 1, 1);
	memcpy(text, hint, before);
	memcpy(text + before, path, strlen(path));
	memcpy(text + before + strlen(path), file + 2, after);
	return text;
}

char *query_debug_hint(const char *path)
{
	struct arena arena;
	char *hint;

	arena_init(&arena);
	hint = xstrdup(distribution_debug_hint(&arena, path));
	arena_release(&arena);
	return hint;
}
