/*
 * oracle - libunwind's opinion of a stack.
 *
 * A library of its own, loaded by verify.c when stacks are to be checked.
 * libunwind is used through its remote interface, with accessors that read
 * this process, as perf uses it: so it neither walks the loader's lists nor
 * asks the kernel, and every read is checked against the stack's bounds.
 */
#include "preload/verify.h"

#include <dlfcn.h>
#include <libunwind.h>
#include <link.h>
#include <string.h>

struct view {
	const struct registers *caller;
	const struct extent *stacks; /* two */
};

/* No header says it: what perf and others call to read .eh_frame_hdr. */
int _Ux86_64_dwarf_search_unwind_table(unw_addr_space_t as, unw_word_t ip,
				       unw_dyn_info_t *di, unw_proc_info_t *pi,
				       int need_unwind_info, void *arg);

verify_oracle memprof_oracle __attribute__((visibility("default")));

static int find_proc_info(unw_addr_space_t as, unw_word_t ip,
			  unw_proc_info_t *pi, int need_unwind_info, void *arg)
{
	const size_t encodings = 4, pair = 8;
	struct dl_find_object found;
	unw_dyn_info_t di = { .format = UNW_INFO_FORMAT_REMOTE_TABLE };
	const uint8_t *header;
	uint32_t count;

	if (_dl_find_object((void *)ip, &found) != 0 || !found.dlfo_eh_frame)
		return -UNW_ENOINFO;
	header = found.dlfo_eh_frame;
	if (header[2] != 0x03 || header[3] != 0x3b)
		return -UNW_ENOINFO;
	memcpy(&count, header + 2 * encodings, sizeof(count));
	di.start_ip = (unw_word_t)found.dlfo_map_start;
	di.end_ip = (unw_word_t)found.dlfo_map_end;
	di.u.rti.segbase = (unw_word_t)header;
	di.u.rti.table_data = (unw_word_t)header + 3 * encodings;
	di.u.rti.table_len = count * pair / sizeof(unw_word_t);
	return _Ux86_64_dwarf_search_unwind_table(as, ip, &di, pi,
						  need_unwind_info, arg);
}

static void put_unwind_info(unw_addr_space_t as, unw_proc_info_t *pi, void *arg)
{
	(void)as;
	(void)pi;
	(void)arg;
}

static int get_dyn_info_list_addr(unw_addr_space_t as, unw_word_t *addr,
				  void *arg)
{
	(void)as;
	(void)addr;
	(void)arg;
	return -UNW_ENOINFO;
}

static bool may_read(const struct view *view, unw_word_t addr)
{
	struct dl_find_object found;

	for (int i = 0; i < 2; i++) {
		const struct extent *stack = &view->stacks[i];

		if (addr >= stack->low && addr + 8 <= stack->high)
			return true;
	}
	return _dl_find_object((void *)addr, &found) == 0;
}

static int access_mem(unw_addr_space_t as, unw_word_t addr, unw_word_t *value,
		      int write, void *arg)
{
	const struct view *view = arg;

	(void)as;
	if (write || !may_read(view, addr))
		return -UNW_EINVAL;
	memcpy(value, (const void *)addr, sizeof(*value));
	return 0;
}

static int access_reg(unw_addr_space_t as, unw_regnum_t reg, unw_word_t *value,
		      int write, void *arg)
{
	const struct view *view = arg;

	(void)as;
	if (write)
		return -UNW_EREADONLYREG;
	/* The call itself, so that the right row of the function is used. */
	if (reg == UNW_X86_64_RIP)
		*value = view->caller->pc - 1;
	else if (reg == UNW_X86_64_RSP)
		*value = view->caller->sp;
	else if (reg == UNW_X86_64_RBP)
		*value = view->caller->fp;
	else
		*value = 0;
	return 0;
}

static int access_fpreg(unw_addr_space_t as, unw_regnum_t reg,
			unw_fpreg_t *value, int write, void *arg)
{
	(void)as;
	(void)reg;
	(void)value;
	(void)write;
	(void)arg;
	return -UNW_EBADREG;
}

static int resume(unw_addr_space_t as, unw_cursor_t *cursor, void *arg)
{
	(void)as;
	(void)cursor;
	(void)arg;
	return -UNW_EINVAL;
}

static int get_proc_name(unw_addr_space_t as, unw_word_t addr, char *name,
			 size_t size, unw_word_t *offset, void *arg)
{
	(void)as;
	(void)addr;
	(void)name;
	(void)size;
	(void)offset;
	(void)arg;
	return -UNW_ENOINFO;
}

static unw_addr_space_t space;

static __attribute__((constructor)) void create_space(void)
{
	static unw_accessors_t accessors = {
		.find_proc_info = find_proc_info,
		.put_unwind_info = put_unwind_info,
		.get_dyn_info_list_addr = get_dyn_info_list_addr,
		.access_mem = access_mem,
		.access_reg = access_reg,
		.access_fpreg = access_fpreg,
		.resume = resume,
		.get_proc_name = get_proc_name,
	};

	space = unw_create_addr_space(&accessors, 0);
	unw_set_caching_policy(space, UNW_CACHE_NONE);
}

size_t memprof_oracle(const struct registers *caller,
		      const struct extent stacks[2], uintptr_t *pc, size_t max)
{
	struct view view = { caller, stacks };
	unw_cursor_t cursor;
	size_t n = 0;

	if (!space || unw_init_remote(&cursor, space, &view) != 0)
		return 0;
	do {
		unw_word_t ip;

		if (unw_get_reg(&cursor, UNW_REG_IP, &ip) != 0 || !ip)
			break;
		pc[n] = n ? ip : caller->pc;
		n++;
	} while (n < max && unw_step(&cursor) > 0);
	return n;
}
