/*
 * cfi - read unwinding rules from .eh_frame.
 *
 * A module's .eh_frame_hdr is a sorted table of (function, FDE); an FDE and
 * its CIE hold a program of call frame instructions, run here until the
 * address asked for. Formats: LSB core specification, chapter 10.6, and
 * DWARF 4, chapter 6.4.
 *
 * This is data of the traced program. Every read is checked against the
 * segment that holds the table, every loop is bounded, and what is not
 * understood becomes RULE_GUESS. A rule is made once per return address, so
 * this need not be fast, and it uses little of the program's stack.
 */
#include "preload/rule.h"

#include <string.h>

enum {
	REG_FP = 6, /* DWARF's numbers: System V ABI for x86-64, 3.36 */
	REG_SP = 7,
	REG_PC = 16,
	STATES = 8, /* depth of remember_state */
	INSTRUCTIONS_MAX = 65536,
};

enum {
	ENC_OMIT = 0xff,
	ENC_FORMAT = 0x0f,
	ENC_PCREL = 0x10,
	ENC_DATAREL = 0x30,
	ENC_APPLICATION = 0x70,
};

/* Bytes being read; `broken` once a read left them. */
struct bytes {
	const uint8_t *at, *end;
	bool broken;
};

/* A row of the virtual table: where CFA, fp and return address are. */
struct row {
	struct rule rule;
	bool odd; /* can not be said as a rule */
	bool outermost; /* the return address is undefined */
};

struct program {
	struct bytes cie, fde; /* instructions */
	uint64_t code_align;
	int64_t data_align;
	uint64_t return_reg;
	uintptr_t start; /* of the function */
	uintptr_t length;
	uint8_t encoding; /* of addresses */
	bool is_signal;
	bool has_augmentation;
};

static uint64_t read_fixed(struct bytes *b, size_t size)
{
	uint64_t value = 0;

	if (b->broken || (size_t)(b->end - b->at) < size) {
		b->broken = true;
		return 0;
	}
	memcpy(&value, b->at, size);
	b->at += size;
	return value;
}

static uint64_t read_uleb(struct bytes *b)
{
	uint64_t value = 0;

	for (unsigned int shift = 0; shift < 64; shift += 7) {
		uint8_t byte = (uint8_t)read_fixed(b, 1);

		value |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return value;
	}
	b->broken = true;
	return 0;
}

static int64_t read_sleb(struct bytes *b)
{
	uint64_t value = 0;

	for (unsigned int shift = 0; shift < 64;) {
		uint8_t byte = (uint8_t)read_fixed(b, 1);

		value |= (uint64_t)(byte & 0x7f) << shift;
		shift += 7;
		if (byte & 0x80)
			continue;
		if (shift < 64 && (byte & 0x40))
			value |= ~0ULL << shift;
		return (int64_t)value;
	}
	b->broken = true;
	return 0;
}

/* An offset in units of `align`. Who lies about either is not believed. */
static int64_t scaled(uint64_t offset, int64_t align)
{
	return (int64_t)(offset * (uint64_t)align);
}

/* An encoded pointer; `base` is what datarel counts from. */
static uintptr_t read_pointer(struct bytes *b, uint8_t encoding, uintptr_t base)
{
	uintptr_t here = (uintptr_t)b->at;
	uintptr_t value;

	switch (encoding & ENC_FORMAT) {
	case 0x00:
	case 0x04:
	case 0x0c:
		value = read_fixed(b, 8);
		break;
	case 0x03:
		value = read_fixed(b, 4);
		break;
	case 0x0b:
		value = (uintptr_t)(intptr_t)(int32_t)read_fixed(b, 4);
		break;
	case 0x01:
		value = read_uleb(b);
		break;
	default:
		b->broken = true;
		return 0;
	}
	switch (encoding & ENC_APPLICATION) {
	case 0:
		return value;
	case ENC_PCREL:
		return value + here;
	case ENC_DATAREL:
		return value + base;
	default:
		b->broken = true;
		return 0;
	}
}

static void skip(struct bytes *b, uint64_t size)
{
	if (b->broken || (uint64_t)(b->end - b->at) < size)
		b->broken = true;
	else
		b->at += size;
}

/*
 * Expressions that are known: "the word at fp + n" for the CFA, "fp + n" for
 * where fp was saved. Both are what compilers emit for a realigned stack.
 */
static bool expression_is_fp(struct bytes b, bool deref, int64_t *offset)
{
	const uint8_t breg_fp = 0x76, op_deref = 0x06;

	if (read_fixed(&b, 1) != breg_fp)
		return false;
	*offset = read_sleb(&b);
	if (deref && read_fixed(&b, 1) != op_deref)
		return false;
	return !b.broken && b.at == b.end;
}

static void set_cfa(struct row *row, uint64_t reg, int64_t offset)
{
	if (reg == REG_SP)
		row->rule.kind = RULE_SP;
	else if (reg == REG_FP)
		row->rule.kind = RULE_FP;
	else
		row->rule.kind = RULE_GUESS;
	row->rule.cfa_offset = (int32_t)offset;
	if (offset != (int32_t)offset)
		row->rule.kind = RULE_GUESS;
}

static void set_cfa_expression(struct row *row, struct bytes *b)
{
	uint64_t size = read_uleb(b);
	struct bytes expression = { b->at, b->at, false };
	int64_t offset = 0;

	skip(b, size);
	expression.end = b->at;
	if (!b->broken && expression_is_fp(expression, true, &offset) &&
	    offset == (int32_t)offset) {
		row->rule.kind = RULE_FP_WORD;
		row->rule.cfa_offset = (int32_t)offset;
	} else {
		row->rule.kind = RULE_GUESS;
	}
}

static void set_saved(struct row *row, uint64_t reg, enum rule_fp where,
		      int64_t offset)
{
	if (reg == REG_PC) {
		row->outermost = false;
		row->odd = where != RULE_FP_AT_CFA || offset != -8;
	}
	if (reg != REG_FP)
		return;
	row->rule.fp = (uint8_t)where;
	row->rule.fp_offset = (int16_t)offset;
	if (offset != (int16_t)offset)
		row->odd = true;
}

static void set_saved_expression(struct row *row, uint64_t reg, struct bytes *b)
{
	uint64_t size = read_uleb(b);
	struct bytes expression = { b->at, b->at, false };
	int64_t offset = 0;

	skip(b, size);
	expression.end = b->at;
	if (reg != REG_FP && reg != REG_PC)
		return;
	if (!b->broken && expression_is_fp(expression, false, &offset))
		set_saved(row, reg, RULE_FP_AT_FP, offset);
	else
		row->odd = true;
}

/* The register is not where the rules say: undefined, in another, a value. */
static void set_odd(struct row *row, uint64_t reg, bool undefined)
{
	if (reg == REG_PC) {
		row->outermost = undefined;
		row->odd = !undefined;
	} else if (reg == REG_FP && !undefined) {
		row->odd = true;
	}
}

static void restore(struct row *row, const struct row *initial, uint64_t reg)
{
	if (reg == REG_FP) {
		row->rule.fp = initial->rule.fp;
		row->rule.fp_offset = initial->rule.fp_offset;
	} else if (reg == REG_PC) {
		row->outermost = initial->outermost;
	}
}

struct machine {
	struct row row, initial;
	struct row saved[STATES];
	unsigned int depth;
	uintptr_t location;
};

static void advance(struct machine *m, const struct program *p, uint64_t delta)
{
	m->location += delta * p->code_align;
}

/* Instructions that carry their operand in the opcode. */
static void run_short(struct machine *m, const struct program *p,
		      struct bytes *b, uint8_t opcode)
{
	uint8_t operand = opcode & 0x3f;

	switch (opcode & 0xc0) {
	case 0x40:
		advance(m, p, operand);
		break;
	case 0x80:
		set_saved(&m->row, operand, RULE_FP_AT_CFA,
			  scaled(read_uleb(b), p->data_align));
		break;
	default:
		restore(&m->row, &m->initial, operand);
		break;
	}
}

static void remember(struct machine *m, struct bytes *b)
{
	if (m->depth < STATES)
		m->saved[m->depth++] = m->row;
	else
		b->broken = true;
}

static void recall(struct machine *m, struct bytes *b)
{
	if (m->depth)
		m->row = m->saved[--m->depth];
	else
		b->broken = true;
}

/* DW_CFA_*, by their numbers: where the CFA is. */
static void run_cfa(struct row *row, const struct program *p, struct bytes *b,
		    uint8_t opcode)
{
	uint64_t reg;

	switch (opcode) {
	case 0x0c: /* def_cfa */
		reg = read_uleb(b);
		set_cfa(row, reg, (int64_t)read_uleb(b));
		break;
	case 0x0d: /* def_cfa_register */
		set_cfa(row, read_uleb(b), row->rule.cfa_offset);
		break;
	case 0x0e: /* def_cfa_offset */
		row->rule.cfa_offset = (int32_t)read_uleb(b);
		break;
	case 0x0f: /* def_cfa_expression */
		set_cfa_expression(row, b);
		break;
	case 0x12: /* def_cfa_sf */
		reg = read_uleb(b);
		set_cfa(row, reg,
			scaled((uint64_t)read_sleb(b), p->data_align));
		break;
	case 0x13: /* def_cfa_offset_sf */
		row->rule.cfa_offset =
			(int32_t)scaled((uint64_t)read_sleb(b), p->data_align);
		break;
	default:
		b->broken = true;
		break;
	}
}

/* Where a register was saved. */
static void run_register(struct machine *m, const struct program *p,
			 struct bytes *b, uint8_t opcode)
{
	uint64_t reg = read_uleb(b);

	switch (opcode) {
	case 0x05: /* offset_extended */
		set_saved(&m->row, reg, RULE_FP_AT_CFA,
			  scaled(read_uleb(b), p->data_align));
		break;
	case 0x06: /* restore_extended */
		restore(&m->row, &m->initial, reg);
		break;
	case 0x07: /* undefined */
		set_odd(&m->row, reg, true);
		break;
	case 0x08: /* same_value */
		if (reg == REG_FP)
			m->row.rule.fp = RULE_FP_SAME;
		break;
	case 0x10: /* expression */
		set_saved_expression(&m->row, reg, b);
		break;
	case 0x11: /* offset_extended_sf */
		set_saved(&m->row, reg, RULE_FP_AT_CFA,
			  scaled((uint64_t)read_sleb(b), p->data_align));
		break;
	case 0x16: /* val_expression */
		set_odd(&m->row, reg, false);
		skip(b, read_uleb(b));
		break;
	default: /* register, val_offset, val_offset_sf: one operand */
		set_odd(&m->row, reg, false);
		read_uleb(b);
		break;
	}
}

/* Those that are neither, and whose of the two it is. */
static void run_long(struct machine *m, const struct program *p,
		     struct bytes *b, uint8_t opcode)
{
	switch (opcode) {
	case 0x00: /* nop */
		break;
	case 0x01: /* set_loc */
		m->location = read_pointer(b, p->encoding, 0);
		break;
	case 0x02: /* advance_loc1 */
		advance(m, p, read_fixed(b, 1));
		break;
	case 0x03: /* advance_loc2 */
		advance(m, p, read_fixed(b, 2));
		break;
	case 0x04: /* advance_loc4 */
		advance(m, p, read_fixed(b, 4));
		break;
	case 0x0a: /* remember_state */
		remember(m, b);
		break;
	case 0x0b: /* restore_state */
		recall(m, b);
		break;
	case 0x2e: /* GNU_args_size */
		read_uleb(b);
		break;
	default:
		if ((opcode >= 0x05 && opcode <= 0x09) || opcode == 0x10 ||
		    opcode == 0x11 || (opcode >= 0x14 && opcode <= 0x16))
			run_register(m, p, b, opcode);
		else
			run_cfa(&m->row, p, b, opcode);
		break;
	}
}

/* Run until the row that covers `pc` is complete. False when broken. */
static bool run(struct machine *m, const struct program *p, struct bytes b,
		uintptr_t pc)
{
	for (int n = 0; b.at < b.end && n < INSTRUCTIONS_MAX; n++) {
		uint8_t opcode = (uint8_t)read_fixed(&b, 1);

		if (opcode & 0xc0)
			run_short(m, p, &b, opcode);
		else
			run_long(m, p, &b, opcode);
		if (b.broken)
			return false;
		if (m->location > pc)
			return true;
	}
	return true;
}

/*
 * advance() has already moved past the row by the time run() sees it, but no
 * instruction after it has run: the row is the one that covers pc.
 */
static struct rule run_program(const struct program *p, uintptr_t pc)
{
	struct rule rule = { .kind = RULE_GUESS };
	struct machine m;

	if (p->is_signal) {
		rule.kind = RULE_SIGNAL;
		return rule;
	}
	memset(&m, 0, sizeof(m));
	m.row.rule.kind = RULE_GUESS;
	m.row.outermost = true;
	if (p->return_reg != REG_PC || !run(&m, p, p->cie, UINTPTR_MAX))
		return rule;
	m.initial = m.row;
	m.location = p->start;
	if (!run(&m, p, p->fde, pc))
		return rule;
	if (m.row.outermost) {
		rule.kind = RULE_END;
		return rule;
	}
	if (m.row.odd)
		return rule;
	return m.row.rule;
}

/* An entry of .eh_frame: its bytes after the length. */
static struct bytes entry_at(const struct module *m, uintptr_t addr)
{
	struct bytes b = { (const uint8_t *)addr, (const uint8_t *)m->high,
			   addr < m->low || addr >= m->high };
	uint64_t length = read_fixed(&b, 4);

	if (length == 0xffffffff)
		length = read_fixed(&b, 8);
	if (!length || (uint64_t)(b.end - b.at) < length)
		b.broken = true;
	else if (!b.broken)
		b.end = b.at + length;
	return b;
}

static bool read_augmentation(struct program *p, struct bytes *b,
			      const char *text)
{
	uint64_t size;
	const uint8_t *instructions;

	if (*text != 'z')
		return !*text;
	p->has_augmentation = true;
	size = read_uleb(b);
	instructions = b->at;
	skip(b, size);
	if (b->broken)
		return false;
	struct bytes data = { instructions, b->at, false };

	while (*++text && !data.broken) {
		if (*text == 'R')
			p->encoding = (uint8_t)read_fixed(&data, 1);
		else if (*text == 'L')
			read_fixed(&data, 1);
		else if (*text == 'P')
			read_pointer(&data,
				     (uint8_t)read_fixed(&data, 1) & ENC_FORMAT,
				     0);
		else if (*text == 'S')
			p->is_signal = true;
		else if (*text != 'B')
			return false;
	}
	return !data.broken;
}

static bool read_cie(const struct module *m, uintptr_t addr, struct program *p)
{
	struct bytes b = entry_at(m, addr);
	const char *text;
	uint64_t version;

	if (read_fixed(&b, 4) != 0)
		return false;
	version = read_fixed(&b, 1);
	text = (const char *)b.at;
	while (read_fixed(&b, 1))
		;
	if (b.broken || (version != 1 && version != 3))
		return false;
	p->code_align = read_uleb(&b);
	p->data_align = read_sleb(&b);
	p->return_reg = version == 1 ? read_fixed(&b, 1) : read_uleb(&b);
	if (!read_augmentation(p, &b, text))
		return false;
	p->cie = b;
	return !b.broken;
}

static bool read_fde(const struct module *m, uintptr_t addr, struct program *p)
{
	struct bytes b = entry_at(m, addr);
	uintptr_t cie = (uintptr_t)b.at;

	cie -= read_fixed(&b, 4);
	if (b.broken || cie == (uintptr_t)b.at - 4 || !read_cie(m, cie, p))
		return false;
	p->start = read_pointer(&b, p->encoding, 0);
	p->length = read_pointer(&b, p->encoding & ENC_FORMAT, 0);
	if (p->has_augmentation)
		skip(&b, read_uleb(&b));
	p->fde = b;
	return !b.broken;
}

/* Search the table for the last function that starts at or before `pc`. */
static uintptr_t find_fde(const struct module *m, uintptr_t pc)
{
	struct bytes b = { (const uint8_t *)m->table, (const uint8_t *)m->high,
			   m->table < m->low || m->table >= m->high };
	const uint64_t sorted_datarel_sdata4 = 0x3b;
	uint64_t version = read_fixed(&b, 1);
	uint8_t frame_encoding = (uint8_t)read_fixed(&b, 1);
	uint8_t count_encoding = (uint8_t)read_fixed(&b, 1);
	uint64_t table_encoding = read_fixed(&b, 1);
	uint64_t low = 0, count;
	const uint8_t *entry;
	int32_t pair[2];

	if (b.broken || version != 1 || count_encoding == ENC_OMIT ||
	    table_encoding != sorted_datarel_sdata4)
		return 0;
	read_pointer(&b, frame_encoding, m->table);
	count = read_pointer(&b, count_encoding, m->table);
	if (b.broken || count > (uint64_t)(b.end - b.at) / sizeof(pair))
		return 0;
	entry = b.at;
	while (count) {
		uint64_t half = count / 2;

		memcpy(pair, entry + (low + half) * sizeof(pair), sizeof(pair));
		if (m->table + (uintptr_t)(intptr_t)pair[0] <= pc) {
			low += half + 1;
			count -= half + 1;
		} else {
			count = half;
		}
	}
	if (!low)
		return 0;
	memcpy(pair, entry + (low - 1) * sizeof(pair), sizeof(pair));
	return m->table + (uintptr_t)(intptr_t)pair[1];
}

static bool find_program(const struct module *m, uintptr_t pc,
			 struct program *p)
{
	uintptr_t fde = m->table ? find_fde(m, pc) : 0;

	return fde && read_fde(m, fde, p) && pc >= p->start &&
	       pc - p->start < p->length;
}

struct rule rule_from_cfi(const struct module *m, uintptr_t pc)
{
	struct rule guess = { .kind = RULE_GUESS };
	struct program p = { .encoding = 0 };

	return find_program(m, pc, &p) ? run_program(&p, pc) : guess;
}

bool rule_extent(const struct module *m, uintptr_t pc, struct extent *extent)
{
	struct program p = { .encoding = 0 };

	if (!find_program(m, pc, &p))
		return false;
	*extent = (struct extent){ p.start, p.start + p.length };
	return true;
}
