/*
 * target - see target.h.
 *
 * The file is read a piece at a time, because a vfork child has no memory but
 * its stack. Nothing that it says is believed: what is cut short or makes no
 * sense has no obstacle, and the kernel and the loader may judge it.
 */
#include "preload/target.h"
#include "preload/processor_x86_64.h"

#include <elf.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
	SCRIPTS_MAX = 4, /* as the kernel */
	PIECE = 256, /* bytes read at once */
	HEADERS_MAX = 64,
	DYNAMIC_MAX = 512, /* entries */
	STRINGS_MAX = 4 << 20, /* bytes */
};

static bool read_at(int fd, void *data, size_t size, uint64_t offset)
{
	return processor_syscall(SYS_pread64, fd, (long)data, (long)size,
				 (long)offset) == (long)size;
}

/* The names by which a sanitizer is known, in strings of dynamic linking. */
static const char *const sanitizers[] = {
	"__asan_init", "__tsan_init",	"__msan_init",
	"__lsan_init", "__hwasan_init",
};

enum {
	LONGEST = sizeof("__hwasan_init"), /* with its NUL */
};

static bool has_sanitizer(const char *text, size_t size)
{
	for (size_t i = 0; i < sizeof(sanitizers) / sizeof(*sanitizers); i++) {
		size_t length = strlen(sanitizers[i]) + 1;

		for (size_t at = 0; at + length <= size; at++) {
			if (text[at] == '_' &&
			    !memcmp(text + at, sanitizers[i], length))
				return true;
		}
	}
	return false;
}

/* Pieces overlap by as much as a name is long. */
static __attribute__((noinline)) bool find_sanitizer(int fd, uint64_t offset,
						     uint64_t size)
{
	char text[PIECE];

	if (size > STRINGS_MAX)
		return false;
	for (uint64_t at = 0; at < size; at += PIECE - LONGEST) {
		size_t n = size - at < PIECE ? (size_t)(size - at) : PIECE;

		if (!read_at(fd, text, n, offset + at))
			return false;
		if (has_sanitizer(text, n))
			return true;
	}
	return false;
}

static bool read_header(int fd, const Elf64_Ehdr *elf, unsigned int i,
			Elf64_Phdr *header)
{
	return i < elf->e_phnum && i < HEADERS_MAX &&
	       read_at(fd, header, sizeof(*header),
		       elf->e_phoff + i * sizeof(*header));
}

/* Where in the file an address lies. */
static bool find_address(int fd, const Elf64_Ehdr *elf, uint64_t addr,
			 uint64_t *offset)
{
	Elf64_Phdr header;

	for (unsigned int i = 0; read_header(fd, elf, i, &header); i++) {
		if (header.p_type != PT_LOAD || addr < header.p_vaddr ||
		    addr - header.p_vaddr >= header.p_filesz)
			continue;
		*offset = header.p_offset + (addr - header.p_vaddr);
		return true;
	}
	return false;
}

static bool is_sanitized(int fd, const Elf64_Ehdr *elf,
			 const Elf64_Phdr *dynamic)
{
	uint64_t strings = 0, size = 0, offset;
	Elf64_Dyn entry;

	for (uint64_t i = 0;
	     i < DYNAMIC_MAX && i < dynamic->p_filesz / sizeof(entry); i++) {
		if (!read_at(fd, &entry, sizeof(entry),
			     dynamic->p_offset + i * sizeof(entry)) ||
		    entry.d_tag == DT_NULL)
			break;
		if (entry.d_tag == DT_STRTAB)
			strings = entry.d_un.d_ptr;
		if (entry.d_tag == DT_STRSZ)
			size = entry.d_un.d_val;
	}
	return find_address(fd, elf, strings, &offset) &&
	       find_sanitizer(fd, offset, size);
}

static __attribute__((noinline)) bool is_musl(int fd, const Elf64_Phdr *loader)
{
	char path[64] = "";
	size_t size = loader->p_filesz < sizeof(path) ? loader->p_filesz
						      : sizeof(path) - 1;

	return read_at(fd, path, size, loader->p_offset) &&
	       strstr(path, "ld-musl");
}

static __attribute__((noinline)) const char *judge_elf(int fd,
						       const Elf64_Ehdr *elf)
{
	bool loader = false, sanitized = false, musl = false;
	Elf64_Phdr header;

	if (elf->e_ident[EI_CLASS] != ELFCLASS64 || elf->e_machine != EM_X86_64)
		return "is built for another architecture";
	if (elf->e_phentsize != sizeof(header))
		return NULL;
	for (unsigned int i = 0; read_header(fd, elf, i, &header); i++) {
		if (header.p_type == PT_INTERP) {
			loader = true;
			musl = is_musl(fd, &header);
		} else if (header.p_type == PT_DYNAMIC) {
			sanitized = is_sanitized(fd, elf, &header);
		}
	}
	if (!loader)
		return "is statically linked";
	if (musl)
		return "uses the musl C library";
	return sanitized ? "is built with a sanitizer" : NULL;
}

static __attribute__((noinline)) bool is_secure(int fd)
{
	struct stat st;

	if (processor_syscall(SYS_fstat, fd, (long)&st, 0, 0) != 0)
		return false;
	if ((st.st_mode & S_ISUID) &&
	    st.st_uid != processor_syscall(SYS_getuid, 0, 0, 0, 0))
		return true;
	return (st.st_mode & S_ISGID) && (st.st_mode & S_IXGRP) &&
	       st.st_gid != processor_syscall(SYS_getgid, 0, 0, 0, 0);
}

/* "#!INTERPRETER ...": `line` becomes its path. */
static bool find_interpreter(char *line, size_t size)
{
	size_t start, end;

	if (line[0] != '#' || line[1] != '!')
		return false;
	for (start = 2; start < size - 1; start++) {
		if (line[start] != ' ' && line[start] != '\t')
			break;
	}
	for (end = start; end < size - 1; end++) {
		if (!line[end] || strchr(" \t\r\n", line[end]))
			break;
	}
	memmove(line, line + start, end - start);
	line[end - start] = '\0';
	return end > start;
}

/* `line` becomes the interpreter's path when it is a script. */
static __attribute__((noinline)) const char *judge(int fd, char *line,
						   size_t size)
{
	Elf64_Ehdr elf;
	long n = processor_syscall(SYS_pread64, fd, (long)line, (long)size, 0);

	for (long i = n > 0 ? n : 0; i < (long)size; i++)
		line[i] = '\0';
	if (find_interpreter(line, size))
		return NULL;
	line[0] = '\0';
	if (!read_at(fd, &elf, sizeof(elf), 0) ||
	    memcmp(elf.e_ident, ELFMAG, SELFMAG) != 0)
		return NULL;
	return is_secure(fd) ? "runs with the rights of another user"
			     : judge_elf(fd, &elf);
}

const char *target_obstacle(int fd, const char *path)
{
	const char *why = NULL;
	char line[PIECE];

	for (int i = 0; i <= SCRIPTS_MAX && !why; i++) {
		bool given = !i && !*path;
		long file =
			given ? fd
			      : processor_syscall(
					SYS_openat, fd, (long)path,
					O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);

		if (file < 0)
			return NULL;
		why = judge((int)file, line, sizeof(line));
		if (!given)
			processor_syscall(SYS_close, file, 0, 0, 0);
		if (!line[0])
			break;
		path = line;
	}
	return why;
}

static const char *search_path(void)
{
	for (char **at = environ; at && *at; at++) {
		if (!strncmp(*at, "PATH=", 5))
			return *at + 5;
	}
	return "/bin:/usr/bin";
}

size_t target_room(const char *file)
{
	return strlen(search_path()) + strlen(file) + 2;
}

const char *target_search(const char *file, char *path)
{
	const char *dir = search_path();

	if (strchr(file, '/'))
		return strcpy(path, file);
	for (;; dir++) {
		size_t size = (size_t)(strchrnul(dir, ':') - dir);

		memcpy(path, dir, size);
		path[size] = '/';
		strcpy(path + size + !!size, file);
		if (!processor_syscall(SYS_access, (long)path, X_OK, 0, 0))
			return path;
		dir += size;
		if (!*dir)
			return NULL;
	}
}
