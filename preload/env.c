/*
 * env - see env.h.
 *
 * At the first allocation getenv() may not work yet, so the environment is
 * found where the kernel put it: after the arguments, at the loader's
 * __libc_stack_end. It is edited there, in place.
 */
#include "preload/env.h"
#include "preload/agent.h"

#include <elf.h>
#include <limits.h>
#include <string.h>

#define PRELOAD "LD_PRELOAD="
#define RING "MEMPROF_RING="
#define NO_FOLLOW "MEMPROF_FOLLOW=no"

enum {
	NUMBERS_SIZE = 32, /* of a parent and its serial, as text */
};

extern void *__libc_stack_end;

static struct {
	char agent[PATH_MAX]; /* its path; empty: give nothing */
	char ring[256]; /* MEMPROF_RING=..., without the parent */
} own;

static char **initial(void)
{
	char **stack = __libc_stack_end;
	size_t argc = (size_t)stack[0];

	return stack + 1 + argc + 1;
}

/* `name` ends with "=". */
static bool is_variable(const char *entry, const char *name)
{
	return !strncmp(entry, name, strlen(name));
}

static char **find(char **envp, const char *name)
{
	for (; *envp; envp++) {
		if (is_variable(*envp, name))
			return envp;
	}
	return NULL;
}

static void remove_at(char **at)
{
	do {
		at[0] = at[1];
	} while (*at++);
}

static bool read_number(const char **text, unsigned int base, uint64_t *value)
{
	const char *start = *text;

	*value = 0;
	for (; **text; ++*text) {
		char c = **text;
		unsigned int digit =
			c >= '0' && c <= '9'   ? (unsigned int)c - '0'
			: c >= 'a' && c <= 'f' ? (unsigned int)c - 'a' + 10
					       : 99;

		if (digit >= base)
			break;
		*value = *value * base + digit;
	}
	if (*text == start)
		return false;
	if (**text == ':')
		++*text;
	return true;
}

static bool parse(const char *text, struct env_ring *ring)
{
	uint64_t pid, fd;

	if (!read_number(&text, 10, &pid) || !read_number(&text, 10, &fd) ||
	    !read_number(&text, 16, &ring->device) ||
	    !read_number(&text, 16, &ring->inode) ||
	    !read_number(&text, 16, &ring->nonce) ||
	    !read_number(&text, 10, &ring->sandbox))
		return false;
	ring->parent = ring->parent_serial = 0;
	if (*text && (!read_number(&text, 10, &ring->parent) ||
		      !read_number(&text, 10, &ring->parent_serial) || *text))
		return false;
	ring->collector = (int32_t)pid;
	ring->fd = (int32_t)fd;
	return pid <= INT32_MAX && fd <= INT32_MAX;
}

/* "LD_PRELOAD=AGENT:USERS" becomes "LD_PRELOAD=USERS", or goes. */
static void take_preload(char **at)
{
	char *first = *at + strlen(PRELOAD);
	char *end = strchrnul(first, ':');
	size_t size = (size_t)(end - first);

	if (size >= sizeof(own.agent))
		return;
	memcpy(own.agent, first, size);
	own.agent[size] = '\0';
	if (!*end) {
		remove_at(at);
		return;
	}
	*at = end + 1 - strlen(PRELOAD);
	memcpy(*at, PRELOAD, strlen(PRELOAD));
}

/* Up to its sixth number: what we execute has another parent. */
static void keep_ring(const char *entry)
{
	int numbers = 0;
	size_t n = 0;

	for (; entry[n] && (entry[n] != ':' || ++numbers < 6); n++)
		own.ring[n] = entry[n];
	own.ring[n] = '\0';
}

bool env_take(struct env_ring *ring)
{
	char **envp = initial();
	char **at = find(envp, RING);
	char **preload = find(envp, PRELOAD);
	bool good;

	if (!at || !preload || strlen(*at) >= sizeof(own.ring))
		return false;
	good = parse(*at + strlen(RING), ring);
	keep_ring(*at);
	take_preload(preload);
	at = find(envp, RING);
	if (at)
		remove_at(at);
	return good;
}

const char *env_program(void)
{
	char **at = initial();
	const Elf64_auxv_t *entry;

	/* Entries of the environment have moved down when ours were taken. */
	while (*at)
		at++;
	while (!at[1])
		at++;
	for (entry = (const Elf64_auxv_t *)(at + 1); entry->a_type; entry++) {
		if (entry->a_type == AT_EXECFN)
			return (const char *)entry->a_un.a_val;
	}
	return NULL;
}

bool env_follows(char *const *envp)
{
	for (; envp && *envp; envp++) {
		if (!strcmp(*envp, NO_FOLLOW))
			return false;
	}
	return true;
}

size_t env_room(char *const *envp)
{
	size_t n = 0;

	while (envp && envp[n])
		n++;
	return n + 3;
}

static const char *preload_of(char *const *envp)
{
	for (; envp && *envp; envp++) {
		if (is_variable(*envp, PRELOAD))
			return *envp + strlen(PRELOAD);
	}
	return NULL;
}

size_t env_text_size(char *const *envp)
{
	const char *users = preload_of(envp);

	return sizeof(PRELOAD) + strlen(own.agent) + 2 +
	       (users ? strlen(users) : 0) + sizeof(own.ring) + NUMBERS_SIZE;
}

char *env_put_number(char *at, uint32_t value)
{
	char digits[10];
	int n = 0;

	do {
		digits[n++] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	while (n)
		*at++ = digits[--n];
	return at;
}

/* Who executes it is its parent, or was there before it. */
static void put_ring(char *text)
{
	strcpy(text, own.ring);
	text += strlen(text);
	*text++ = ':';
	text = env_put_number(text, agent.parent);
	*text++ = ':';
	*env_put_number(text, agent.parent_serial) = '\0';
}

char *const *env_give(char *const *envp, char **list, char *text)
{
	const char *users = preload_of(envp);
	bool given = false;
	size_t n = 0;

	if (!own.agent[0] || (users && strstr(users, own.agent)))
		return envp;
	strcpy(text, PRELOAD);
	strcat(text, own.agent);
	if (users) {
		strcat(text, ":");
		strcat(text, users);
	}
	for (; envp && *envp; envp++) {
		if (is_variable(*envp, PRELOAD)) {
			/* Where it stood, it will stand again. */
			list[n++] = text;
			given = true;
		} else if (!is_variable(*envp, RING)) {
			list[n++] = *envp;
		}
	}
	if (!given)
		list[n++] = text;
	text += strlen(text) + 1;
	put_ring(text);
	list[n++] = text;
	list[n] = NULL;
	return list;
}
