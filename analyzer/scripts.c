/*
 * scripts - see scripts.h.
 *
 * A module's name is that of its file behind the directory it was imported
 * from: of installed packages, of the standard library, or the one the program
 * was started in. Where it is in none, the file's own name has to do.
 */
#include "analyzer/scripts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/lines.h"
#include "analyzer/places.h"
#include "analyzer/qualify.h"
#include "trace/xmalloc.h"

struct scripts {
	struct scripts_options options;
	const struct model_code *codes;
	size_t count;
	struct script **list; /* by number; NULL not yet asked for */
};

static const char *const package_marks[] = {
	"/site-packages/",
	"/dist-packages/",
};

/* Of the standard library; what stands for * has no slash. */
static const char *const library_marks[] = {
	"/lib/python",
	"/lib64/python",
};

struct scripts *scripts_open(const struct scripts_options *o)
{
	struct scripts *s = arena_alloc(o->arena, 1, sizeof(*s));

	s->options = *o;
	s->codes = trace_codes(o->trace, &s->count);
	s->list = arena_alloc(o->arena, s->count + 1, sizeof(*s->list));
	return s;
}

bool scripts_exist(const struct scripts *s)
{
	return s->count > 0;
}

/* Behind the last of these in the path, NULL none. */
static const char *behind(const char *path, const char *mark)
{
	const char *found = NULL, *at = path;

	while ((at = strstr(at, mark))) {
		at += strlen(mark);
		found = at;
		at--;
	}
	return found;
}

static const char *in_packages(const char *path)
{
	const char *found = NULL;

	for (size_t i = 0; i < 2 && !found; i++)
		found = behind(path, package_marks[i]);
	return found;
}

/* Behind "/lib/python3.11/" or "/lib/python311.zip/". */
static const char *in_library(const char *path)
{
	const char *found = NULL;

	for (size_t i = 0; i < 2 && !found; i++)
		found = behind(path, library_marks[i]);
	if (!found || *found < '0' || *found > '9')
		return NULL;
	found = strchr(found, '/');
	return found ? found + 1 : NULL;
}

static const char *in_directory(const char *path, const char *directory)
{
	size_t length = directory ? strlen(directory) : 0;

	if (length < 2 || strncmp(path, directory, length) != 0 ||
	    path[length] != '/')
		return NULL;
	return path + length + 1;
}

static const char *base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool ends_with(const char *text, size_t length, const char *end)
{
	size_t size = strlen(end);

	return length > size && memcmp(text + length - size, end, size) == 0;
}

static const char *dotted(const struct scripts *s, const char *path)
{
	char *name = xstrdup(path);
	size_t length = strlen(name);
	const char *interned;

	if (ends_with(name, length, ".py"))
		length -= 3;
	if (ends_with(name, length, "/__init__"))
		length -= 9;
	name[length] = '\0';
	for (char *at = name; *at; at++)
		if (*at == '/')
			*at = '.';
	interned = names_intern(s->options.names, name);
	free(name);
	return interned;
}

/* "<frozen importlib._bootstrap>" has one, "<string>" is its own. */
static const char *module_in_brackets(const struct scripts *s, const char *file)
{
	static const char frozen[] = "<frozen ";
	size_t length = strlen(file), skip = sizeof(frozen) - 1;

	if (strncmp(file, frozen, skip) != 0 || file[length - 1] != '>')
		return names_intern(s->options.names, file);
	return names_intern(
		s->options.names,
		arena_text(s->options.arena, file + skip, length - skip - 1));
}

static const char *module_of(const struct scripts *s, const char *file)
{
	const char *rest;

	if (file[0] == '<')
		return module_in_brackets(s, file);
	rest = in_packages(file);
	if (!rest)
		rest = in_library(file);
	if (!rest)
		rest = in_directory(file, s->options.cwd);
	return dotted(s, rest && *rest ? rest : base(file));
}

static bool is_library(const char *file)
{
	if (file[0] == '<')
		return strncmp(file, "<frozen ", 8) == 0 ||
		       strcmp(file, "<__array_function__ internals>") == 0;
	return in_packages(file) || in_library(file);
}

/* Python has a script's path as it was given on the command line. */
static const char *absolute(const struct scripts *s, const char *file)
{
	const char *cwd = s->options.cwd, *path = file;
	char *text;

	if (file[0] == '/' || file[0] == '<' || !file[0] || !cwd)
		return names_intern(s->options.names, file);
	while (strncmp(path, "./", 2) == 0)
		path += 2;
	if (asprintf(&text, "%s/%s", strcmp(cwd, "/") ? cwd : "", path) < 0)
		xmalloc_failed();
	path = names_intern(s->options.names, text);
	free(text);
	return path;
}

/* As Python has it, or, before 3.11, as the source does. */
static const char *function_of(const struct scripts *s,
			       const struct model_code *c, const char *file)
{
	const char *name =
		c->qualified && *c->qualified ? c->qualified : c->name;
	char *qualified = NULL;

	if (!name || !*name)
		return NULL;
	if (name == c->name && file && file[0] == '/')
		qualified = qualify(s->options.sources, file, c);
	name = names_intern(s->options.names, qualified ? qualified : name);
	free(qualified);
	return name;
}

static struct script *make_script(const struct scripts *s,
				  const struct model_code *c)
{
	struct script *script =
		arena_alloc(s->options.arena, 1, sizeof(*script));

	script->file = c->file && *c->file ? absolute(s, c->file) : NULL;
	script->function = function_of(s, c, script->file);
	if (!script->file)
		return script;
	script->module = module_of(s, script->file);
	script->is_library = is_library(script->file);
	return script;
}

const struct script *scripts_code(struct scripts *s, uint32_t code)
{
	if (code >= s->count)
		return NULL;
	if (!s->list[code])
		s->list[code] = make_script(s, &s->codes[code]);
	return s->list[code];
}

uint32_t scripts_line(const struct scripts *s, const struct model_frame *f)
{
	struct lines_span span;

	if (f->kind != MODEL_FRAME_PYTHON || f->module >= s->count)
		return 0;
	if (lines_at(&s->codes[f->module], f->addr, &span))
		return span.line;
	return s->codes[f->module].first_line;
}

bool scripts_extent(const struct scripts *s, uint32_t code, uint32_t lines[2])
{
	return code < s->count && lines_extent(&s->codes[code], lines);
}

bool scripts_is_interpreter(const char *path)
{
	static const char *const names[] = {
		"python",
		"python2*",
		"python3*",
		"libpython*.so*",
	};
	const char *name = base(path);

	if (strstr(path, "/lib-dynload/"))
		return true;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (places_matches(names[i], name))
			return true;
	return false;
}
