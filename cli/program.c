/*
 * program - see program.h.
 *
 * The kernel and the loader ignore LD_PRELOAD for programs that are static,
 * setuid, or of another architecture or C library, and sanitizers refuse to
 * share a process with it. All of that can be read from the file. A script is
 * judged by its interpreter.
 */
#include "cli/program.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

enum {
	SCRIPTS_MAX = 4, /* as the kernel */
};

static void judge(struct program *p, enum program_verdict verdict,
		  const char *why, const char *fix)
{
	p->verdict = verdict;
	p->why = why;
	p->fix = fix;
}

enum runnable {
	RUNNABLE_NOT, /* there is something, but not for us to run */
	RUNNABLE_MISSING, /* or in a directory that we can not look into */
	RUNNABLE_YES,
};

static enum runnable is_runnable(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return RUNNABLE_MISSING;
	return S_ISREG(st.st_mode) && !access(path, X_OK) ? RUNNABLE_YES
							  : RUNNABLE_NOT;
}

/* What is named by its path. */
static enum runnable look_at(const char *path)
{
	enum runnable there = is_runnable(path);

	return there == RUNNABLE_MISSING && errno == EACCES ? RUNNABLE_NOT
							    : there;
}

/* Walk PATH, as shells do. */
static enum runnable search(const char *name, char *path)
{
	const char *dir = getenv("PATH");
	enum runnable best = RUNNABLE_MISSING;

	if (!dir)
		dir = "/bin:/usr/bin";
	for (;;) {
		size_t size = strcspn(dir, ":");
		int n = snprintf(path, PATH_MAX, "%.*s%s%s", (int)size, dir,
				 size ? "/" : "", name);
		enum runnable here = n > 0 && n < PATH_MAX ? is_runnable(path)
							   : RUNNABLE_MISSING;

		if (here == RUNNABLE_YES)
			return here;
		if (here == RUNNABLE_NOT)
			best = here;
		if (!dir[size])
			return best;
		dir += size + 1;
	}
}

static bool find(const char *name, struct program *p)
{
	enum runnable found = RUNNABLE_MISSING;

	if (!strchr(name, '/'))
		found = *name ? search(name, p->path) : RUNNABLE_MISSING;
	else if (snprintf(p->path, sizeof(p->path), "%s", name) <
		 (int)sizeof(p->path))
		found = look_at(name);
	if (found == RUNNABLE_NOT)
		judge(p, PROGRAM_NOT_EXECUTABLE, "it is not executable", NULL);
	if (found == RUNNABLE_MISSING)
		judge(p, PROGRAM_NOT_FOUND, "there is no such program", NULL);
	return found == RUNNABLE_YES;
}

/* "#!INTERPRETER ..." at the start of the file. */
static bool read_interpreter(int fd, char *path)
{
	char line[PATH_MAX];
	ssize_t n = pread(fd, line, sizeof(line) - 1, 0);
	char *start;

	if (n < 3 || line[0] != '#' || line[1] != '!')
		return false;
	line[n] = '\0';
	start = line + 2 + strspn(line + 2, " \t");
	start[strcspn(start, " \t\r\n")] = '\0';
	if (!*start)
		return false;
	strcpy(path, start);
	return true;
}

/* Does running it change who we are, so that the loader is on its guard? */
static bool is_secure(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return false;
	if ((st.st_mode & S_ISUID) && st.st_uid != getuid())
		return true;
	if ((st.st_mode & S_ISGID) && (st.st_mode & S_IXGRP) &&
	    st.st_gid != getgid())
		return true;
	/* Capabilities are nothing new to root. */
	return getuid() && fgetxattr(fd, "security.capability", NULL, 0) > 0;
}

/* The loader's path, empty when the program has none. */
static void loader_of(Elf *elf, int fd, char *path, size_t size)
{
	size_t count = 0;
	GElf_Phdr header;

	path[0] = '\0';
	elf_getphdrnum(elf, &count);
	for (size_t i = 0; i < count; i++) {
		ssize_t n;

		if (!gelf_getphdr(elf, (int)i, &header) ||
		    header.p_type != PT_INTERP)
			continue;
		n = pread(fd, path,
			  header.p_filesz < size ? header.p_filesz : size - 1,
			  (off_t)header.p_offset);
		path[n > 0 ? n : 0] = '\0';
	}
}

static bool is_defined(const GElf_Sym *symbol)
{
	return symbol->st_shndx != SHN_UNDEF && symbol->st_value;
}

/* The linker of Go leaves a note in what it makes. */
static bool is_go(Elf *elf)
{
	static const char owner[4] = "Go";
	Elf_Scn *section = NULL;

	while ((section = elf_nextscn(elf, section))) {
		GElf_Shdr header;
		Elf_Data *data;
		GElf_Nhdr note;
		size_t at = 0, name, desc;

		if (!gelf_getshdr(section, &header) ||
		    header.sh_type != SHT_NOTE)
			continue;
		data = elf_getdata(section, NULL);
		while (data &&
		       (at = gelf_getnote(data, at, &note, &name, &desc)))
			if (note.n_namesz == sizeof(owner) &&
			    !memcmp((char *)data->d_buf + name, owner,
				    sizeof(owner)))
				return true;
	}
	return false;
}

/* Names in the dynamic symbol table that tell what is inside. */
static void judge_symbol(const char *name, bool defined, struct program *p)
{
	static const char *const sanitizers[] = {
		"__asan_init", "__tsan_init",	"__msan_init",
		"__lsan_init", "__hwasan_init",
	};

	for (size_t i = 0; i < sizeof(sanitizers) / sizeof(*sanitizers); i++) {
		if (!strcmp(name, sanitizers[i]))
			judge(p, PROGRAM_UNTRACEABLE,
			      "it is built with a sanitizer, which brings its "
			      "own allocator",
			      "build it without -fsanitize");
	}
	if (defined && !strcmp(name, "malloc") && p->verdict == PROGRAM_FINE)
		judge(p, PROGRAM_PARTLY,
		      "it defines its own malloc: what it takes from there is "
		      "not seen",
		      "link it with the C library's malloc, or with a shared "
		      "jemalloc, tcmalloc or mimalloc");
}

static void judge_symbols(Elf *elf, struct program *p)
{
	Elf_Scn *section = NULL;

	while ((section = elf_nextscn(elf, section))) {
		GElf_Shdr header;
		Elf_Data *data;
		GElf_Sym symbol;

		if (!gelf_getshdr(section, &header) ||
		    header.sh_type != SHT_DYNSYM)
			continue;
		data = elf_getdata(section, NULL);
		for (int i = 0; data && gelf_getsym(data, i, &symbol); i++) {
			const char *name =
				elf_strptr(elf, header.sh_link, symbol.st_name);

			if (name)
				judge_symbol(name, is_defined(&symbol), p);
		}
	}
}

static void judge_linked(Elf *elf, const char *loader, struct program *p)
{
	bool go = is_go(elf);

	if (!*loader && go)
		judge(p, PROGRAM_UNTRACEABLE,
		      "it is a Go program, whose runtime does not use malloc",
		      "go tool pprof");
	else if (!*loader)
		judge(p, PROGRAM_UNTRACEABLE,
		      "it is statically linked, so nothing can be loaded into "
		      "it",
		      "link it without -static");
	else if (strstr(loader, "ld-musl"))
		judge(p, PROGRAM_UNTRACEABLE,
		      "it uses the musl C library, not glibc",
		      "build it for glibc");
	else if (go)
		judge(p, PROGRAM_PARTLY,
		      "it is a Go program: what its runtime takes, which does "
		      "not use malloc, is not seen",
		      "go tool pprof");
	else
		judge_symbols(elf, p);
}

static void judge_elf(Elf *elf, int fd, struct program *p)
{
	char loader[PATH_MAX];
	GElf_Ehdr header;

	if (!gelf_getehdr(elf, &header))
		return;
	if (gelf_getclass(elf) != ELFCLASS64 || header.e_machine != EM_X86_64) {
		judge(p, PROGRAM_UNTRACEABLE,
		      "it is built for another architecture than x86-64",
		      "build it for x86-64");
		return;
	}
	loader_of(elf, fd, loader, sizeof(loader));
	judge_linked(elf, loader, p);
}

/* True when `path` was replaced by the interpreter of a script. */
static bool look_into(const char *path, struct program *p, char *interpreter)
{
	/* O_NONBLOCK: what interprets a script may be a FIFO. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	bool script;
	Elf *elf;

	/* What may be run but not read is as good as any. */
	if (fd < 0)
		return false;
	script = read_interpreter(fd, interpreter);
	if (!script && is_secure(fd)) {
		judge(p, PROGRAM_UNTRACEABLE,
		      "it runs with the rights of another user",
		      "run a copy of it without these rights");
	} else if (!script) {
		elf_version(EV_CURRENT);
		elf = elf_begin(fd, ELF_C_READ, NULL);
		if (elf && elf_kind(elf) == ELF_K_ELF)
			judge_elf(elf, fd, p);
		elf_end(elf);
	}
	close(fd);
	return script;
}

void program_inspect(const char *name, struct program *program)
{
	char path[PATH_MAX], interpreter[PATH_MAX];

	*program = (struct program){ .verdict = PROGRAM_FINE };
	if (!find(name, program))
		return;
	strcpy(path, program->path);
	for (int i = 0; i < SCRIPTS_MAX; i++) {
		strcpy(program->binary, path);
		if (!look_into(path, program, interpreter))
			return;
		strcpy(path, interpreter);
	}
}
