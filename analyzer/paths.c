/*
 * Design
 * ------
 * Compilers name a source file as it was given to them, so that one header is
 * "/src/b/../inc/x.h" in one unit and "/src/inc/x.h" in another. Rows would be
 * split by that. Symbolic links are not looked at: the sources may be on
 * another machine.
 */
#include "analyzer/paths.h"

#include <string.h>

/* Where the last part of `out` begins: at its slash. */
static size_t parent_of(const char *out, size_t used)
{
	while (used && out[used - 1] != '/')
		used--;
	return used ? used - 1 : 0;
}

static bool is_parent(const char *part, size_t length)
{
	return length == 2 && part[0] == '.' && part[1] == '.';
}

/* Appends the parts of an absolute or relative path to an absolute one. */
static bool append(const char *path, char *out, size_t *used, size_t size)
{
	size_t length;

	for (; *path; path += length) {
		path += strspn(path, "/");
		length = strcspn(path, "/");
		if (!length || (length == 1 && path[0] == '.'))
			continue;
		if (is_parent(path, length)) {
			*used = parent_of(out, *used);
			continue;
		}
		if (size - *used < length + 2)
			return false;
		out[(*used)++] = '/';
		memcpy(out + *used, path, length);
		*used += length;
	}
	return true;
}

bool paths_join(const char *dir, const char *file, char *out, size_t size)
{
	size_t used = 0;

	if (file[0] != '/' && (!dir || dir[0] != '/')) {
		/* Nothing to begin at: it stays as it is. */
		used = strlen(file);
		if (used >= size)
			return false;
		memcpy(out, file, used + 1);
		return true;
	}
	if (file[0] != '/' && !append(dir, out, &used, size))
		return false;
	if (!append(file, out, &used, size))
		return false;
	out[used] = '\0';
	return true;
}
