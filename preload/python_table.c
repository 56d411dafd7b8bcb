/*
 * python_table - see python_table.h.
 *
 * Made by offsetof() from the headers of each version, and compared with the
 * debug information of builds of it.
 */
#include "preload/python_table.h"

static const struct python_table tables[] = {
	{
		.minor = 8,
		.entry = PYTHON_ENTRY_ALL,
		.unit = PYTHON_UNIT_BYTE,
		.form = RING_CODE_LNOTAB,
		.finishing = 600,
		.state = { .frame = 24, .thread = 176 },
		.frame = { .previous = 24, .code = 32, .at = 104 },
		.code = { .file = 104,
			  .name = 112,
			  .first_line = 40,
			  .lines = 120 },
		.text = { .ascii = 48, .compact = 72 },
	},
	{
		.minor = 9,
		.entry = PYTHON_ENTRY_ALL,
		.unit = PYTHON_UNIT_BYTE,
		.form = RING_CODE_LNOTAB,
		.state = { .frame = 24, .thread = 176 },
		.frame = { .previous = 24, .code = 32, .at = 104 },
		.code = { .file = 104,
			  .name = 112,
			  .first_line = 40,
			  .lines = 120 },
		.text = { .ascii = 48, .compact = 72 },
	},
	{
		.minor = 10,
		.entry = PYTHON_ENTRY_ALL,
		.unit = PYTHON_UNIT_WORD,
		.form = RING_CODE_LINETABLE,
		.state = { .frame = 24, .thread = 176 },
		.frame = { .previous = 24, .code = 32, .at = 96 },
		.code = { .file = 104,
			  .name = 112,
			  .first_line = 40,
			  .lines = 120 },
		.text = { .ascii = 48, .compact = 72 },
	},
	{
		.minor = 11,
		.entry = PYTHON_ENTRY_MARKED,
		.unit = PYTHON_UNIT_POINTER,
		.form = RING_CODE_LOCATIONS,
		.state = { .indirect = 56, .frame = 8, .thread = 152 },
		.frame = { .previous = 48,
			   .code = 32,
			   .at = 56,
			   .owner = 69,
			   .is_entry = 68 },
		.code = { .file = 112,
			  .name = 120,
			  .qualname = 128,
			  .first_line = 72,
			  .lines = 136,
			  .bytes = 184,
			  .traceable = 168 },
		.text = { .ascii = 48, .compact = 72 },
	},
	{
		.minor = 12,
		.entry = PYTHON_ENTRY_SHIM,
		.unit = PYTHON_UNIT_POINTER,
		.form = RING_CODE_LOCATIONS,
		.state = { .indirect = 56, .frame = 0, .thread = 136 },
		.frame = { .previous = 8, .code = 0, .at = 56, .owner = 70 },
		.code = { .file = 112,
			  .name = 120,
			  .qualname = 128,
			  .first_line = 68,
			  .lines = 136,
			  .bytes = 192,
			  .traceable = 176 },
		.text = { .ascii = 40, .compact = 56 },
	},
	{
		.minor = 13,
		.entry = PYTHON_ENTRY_SHIM,
		.unit = PYTHON_UNIT_POINTER,
		.form = RING_CODE_LOCATIONS,
		.state = { .frame = 72, .thread = 152 },
		.frame = { .previous = 8, .code = 0, .at = 56, .owner = 70 },
		.code = { .file = 112,
			  .name = 120,
			  .qualname = 128,
			  .first_line = 68,
			  .lines = 136,
			  .bytes = 200,
			  .traceable = 184 },
		.text = { .ascii = 40, .compact = 56 },
	},
};

const struct python_table *python_table_find(unsigned int minor)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
		if (tables[i].minor == minor)
			return &tables[i];
	}
	return NULL;
}

struct python_text python_table_text(const struct python_table *table,
				     uintptr_t str)
{
	const uint32_t kind_shift = 2, kind_mask = 7, compact = 1 << 5,
		       ascii = 1 << 6;
	struct python_text text = { .data = NULL };
	uint32_t state;

	if (!str)
		return text;
	state = *(const uint32_t *)(str + PYTHON_TEXT_STATE);
	text.width = state >> kind_shift & kind_mask;
	text.count = *(const uint32_t *)(str + PYTHON_TEXT_LENGTH);
	if (!(state & compact))
		text.data = *(const void *const *)(str + table->text.compact);
	else
		text.data =
			(const void *)(str + (state & ascii
						      ? table->text.ascii
						      : table->text.compact));
	if (!text.data ||
	    (text.width != 1 && text.width != 2 && text.width != 4))
		text = (struct python_text){ .data = NULL };
	return text;
}

int64_t python_table_instruction(const struct python_table *table,
				 uintptr_t code, uintptr_t at)
{
	switch (table->unit) {
	case PYTHON_UNIT_BYTE:
		return (int32_t)at < 0 ? -1 : (int32_t)at / 2;
	case PYTHON_UNIT_WORD:
		return (int32_t)at < 0 ? -1 : (int32_t)at;
	default:
		return (int64_t)(at - (code + table->code.bytes)) / 2;
	}
}
