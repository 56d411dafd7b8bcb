/*
 * doctor_program - what a report on a program would lack.
 *
 * Read from the headers of its files; the program is not run. Which libraries
 * it gets is asked of the system's own loader, and only when the program names
 * that one: it then lists them and executes nothing of the program.
 */
#include <fcntl.h>
#include <gelf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "analyzer/query.h"
#include "cli/doctor.h"

#define LOADER "/lib64/ld-linux-x86-64.so.2"

enum {
	NAMED = 4, /* libraries named in one finding */
};

struct file {
	const char *path;
	bool is_elf, has_debug, has_symbols, has_unwind, has_build_id;
	bool has_debug_file; /* a separate one, where debuggers look */
};

static void read_build_id(Elf_Data *data, struct file *f)
{
	size_t at = 0, name, desc;
	GElf_Nhdr note;
	char path[256] = "/usr/lib/debug/.build-id/";

	while (data && (at = gelf_getnote(data, at, &note, &name, &desc))) {
		const uint8_t *id = (const uint8_t *)data->d_buf + desc;

		if (note.n_type != NT_GNU_BUILD_ID || note.n_descsz < 2 ||
		    note.n_descsz > 64)
			continue;
		f->has_build_id = true;
		for (size_t i = 0; i < note.n_descsz; i++)
			sprintf(path + strlen(path), "%02x%s", id[i],
				i ? "" : "/");
		strcat(path, ".debug");
		f->has_debug_file = access(path, R_OK) == 0;
	}
}

/* A debug link is a name, and stands for a file beside the program. */
static void follow_link(const Elf_Data *data, struct file *f)
{
	const char *slash = strrchr(f->path, '/');
	int dir = slash ? (int)(slash - f->path) + 1 : 0;
	static const char *const forms[] = { "%.*s%s", "%.*s.debug/%s",
					     "/usr/lib/debug%.*s%s" };
	char path[2 * PATH_MAX];

	if (!data || !data->d_size || !memchr(data->d_buf, 0, data->d_size))
		return;
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		snprintf(path, sizeof(path), forms[i], dir, f->path,
			 (const char *)data->d_buf);
		f->has_debug_file |= access(path, R_OK) == 0;
	}
}

static void read_section(Elf *elf, size_t names, Elf_Scn *section,
			 struct file *f)
{
	const char *name;
	GElf_Shdr header;

	if (!gelf_getshdr(section, &header))
		return;
	name = elf_strptr(elf, names, header.sh_name);
	if (!name)
		return;
	f->has_debug |=
		!strcmp(name, ".debug_info") || !strcmp(name, ".zdebug_info");
	f->has_symbols |= header.sh_type == SHT_SYMTAB;
	f->has_unwind |= !strcmp(name, ".eh_frame_hdr");
	if (!strcmp(name, ".gnu_debuglink"))
		follow_link(elf_getdata(section, NULL), f);
	if (!strcmp(name, ".note.gnu.build-id"))
		read_build_id(elf_getdata(section, NULL), f);
}

static void read_file(const char *path, struct file *f)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	Elf_Scn *section = NULL;
	size_t names;
	Elf *elf;

	*f = (struct file){ .path = path };
	if (fd < 0)
		return;
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ, NULL);
	if (elf && elf_kind(elf) == ELF_K_ELF &&
	    elf_getshdrstrndx(elf, &names) == 0) {
		f->is_elf = true;
		while ((section = elf_nextscn(elf, section)))
			read_section(elf, names, section, f);
	}
	elf_end(elf);
	close(fd);
}

static bool has_lines(const struct file *f)
{
	const char *urls = getenv("DEBUGINFOD_URLS");

	return f->has_debug || f->has_debug_file ||
	       (f->has_build_id && urls && *urls);
}

static void judge_binary(struct doctor *d, const char *path)
{
	char *hint = query_debug_hint(path);
	struct file f;

	read_file(path, &f);
	if (f.is_elf && !has_lines(&f))
		doctor_find(d, true, hint,
			    "%s has no debug information%s: reports show no "
			    "lines of it%s",
			    path, f.has_symbols ? "" : " and is stripped",
			    f.has_symbols ? ""
					  : ", and only functions that it "
					    "exports");
	if (f.is_elf && !f.has_build_id)
		doctor_find(d, false, "link it with -Wl,--build-id",
			    "%s has no build-id: no debug file is found by it, "
			    "and a changed program is told by its time only",
			    path);
	if (f.is_elf && !f.has_unwind)
		doctor_find(d, true,
			    "rebuild it with -fasynchronous-unwind-tables",
			    "%s has no unwind information: stacks may end in "
			    "it",
			    path);
	free(hint);
}

/* What compilers at run time are told to write a perf map with. */
static void judge_runtime(struct doctor *d, const char *path)
{
	static const struct {
		const char *name, *fix;
	} runtimes[] = {
		{ "node", "memprof run node --perf-basic-prof ..." },
		{ "nodejs", "memprof run nodejs --perf-basic-prof ..." },
		{ "java", "a perf map agent for Java" },
		{ "dotnet", "DOTNET_PerfMapEnabled=1" },
		{ "julia", "ENABLE_JITPROFILING=1" },
	};
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;

	for (size_t i = 0; i < sizeof(runtimes) / sizeof(*runtimes); i++)
		if (!strcmp(name, runtimes[i].name))
			doctor_find(d, false, runtimes[i].fix,
				    "%s compiles code at run time, which has "
				    "no names without a perf map",
				    path);
}

/* What the loader says of the program's libraries; NULL when it can not. */
static FILE *list_libraries(const char *path, pid_t *pid)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return NULL;
	*pid = fork();
	if (!*pid) {
		dup2(ends[1], STDOUT_FILENO);
		dup2(ends[1], STDERR_FILENO);
		execl(LOADER, LOADER, "--list", path, (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	if (*pid > 0)
		return fdopen(ends[0], "r");
	close(ends[0]);
	return NULL;
}

/* "\tlibm.so.6 => /lib/libm.so.6 (0x7f00)": the path, NULL when not found. */
static char *library_path(char *line, bool *missing)
{
	char *path = strstr(line, " => ");
	char *end;

	*missing = path && strstr(path, "not found");
	if (!path || *missing)
		return NULL;
	path += strlen(" => ");
	end = strstr(path, " (0x");
	if (end)
		*end = '\0';
	return path[0] == '/' ? path : NULL;
}

static void judge_libraries(struct doctor *d, const char *program)
{
	char line[4200], list[1024] = "", *hint = NULL;
	size_t count = 0, without = 0;
	struct file f;
	pid_t pid;
	FILE *file = list_libraries(program, &pid);

	while (file && fgets(line, sizeof(line), file)) {
		bool missing;
		const char *path = library_path(line, &missing);

		if (missing)
			doctor_find(d, true,
				    "set LD_LIBRARY_PATH, or install "
				    "what has it",
				    "a library is not found: %.*s",
				    (int)strcspn(line + 1, " "), line + 1);
		if (!path)
			continue;
		count++;
		read_file(path, &f);
		if (!f.is_elf || has_lines(&f))
			continue;
		if (!hint)
			hint = query_debug_hint(path);
		if (without++ < NAMED &&
		    strlen(list) + strlen(path) + 3 < sizeof(list))
			sprintf(list + strlen(list), "%s%s", *list ? ", " : "",
				path);
	}
	if (file) {
		fclose(file);
		waitpid(pid, NULL, 0);
	}
	if (without)
		doctor_find(d, false, hint,
			    "%zu of its %zu libraries have no debug "
			    "information, and no lines: %s%s",
			    without, count, list,
			    without > NAMED ? " ..." : "");
	free(hint);
}

void doctor_program(struct doctor *d, const struct program *p)
{
	if (p->verdict == PROGRAM_UNTRACEABLE) {
		doctor_find(d, true, p->fix, "%s can not be traced: %s",
			    p->path, p->why);
		return;
	}
	if (p->verdict == PROGRAM_PARTLY)
		doctor_find(d, true, p->fix, "%s: %s", p->path, p->why);
	judge_binary(d, p->binary);
	judge_runtime(d, p->binary);
	judge_libraries(d, p->binary);
}
