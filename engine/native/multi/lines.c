/* SPDX-License-Identifier: MIT */
#include "lines.h"

/* The longest part that is not ours: a name from the command line. */
enum { LONGEST_WORD = 32 };

/*
 * Appends a text and returns its new end, a NUL. Not more than `most` letters,
 * up to the first blank, and nothing that could move a terminal's cursor.
 */
static char *append_word(char *end, const char *word, u32 most)
{
	for (; most && *word > ' ' && *word < 0x7f; most--)
		*end++ = *word++;
	*end = 0;
	return end;
}

static char *append(char *end, const char *text)
{
	while (*text)
		*end++ = *text++;
	*end = 0;
	return end;
}

void multi_choice_line(char *line, const struct multi *multi, u32 index, enum multi_reason reason,
		       const char *command_line, const u8 *signature)
{
	struct multi_flavour flavour;
	char *end = line;

	multi_flavour(multi, index, &flavour);
	if (reason == MULTI_UNKNOWN_NAME) {
		end = append(end, "kbl: no flavour ");
		end = append_word(end, multi_wanted(command_line), LONGEST_WORD);
		end = append(end, "; ");
	} else {
		end = append(end, "kbl: flavour ");
	}
	end = append(end, flavour.name);
	if (reason == MULTI_BY_COMMAND_LINE) {
		end = append(end, " (kbl.flavour=)\n");
	} else if (reason == MULTI_BY_HYPERVISOR) {
		end = append(end, " (hypervisor ");
		end = append_word(end, (const char *)signature, MULTI_SIGNATURE_SIZE);
		end = append(end, ")\n");
	} else {
		end = append(end, " (default)\n");
	}
}

/* An array of letters, not of pointers: these would have to be relocated. */
static const char troubles[MULTI_STATUSES][64] = {
	[MULTI_OK] = "nothing is wrong",
	[MULTI_NOT_MULTI] = "there is no directory behind the payload",
	[MULTI_VERSION_UNKNOWN] = "the directory has a version that this code does not know",
	[MULTI_DIRECTORY] = "the directory is damaged",
	[MULTI_BASE] = "the base kernel does not unpack to what it was",
	[MULTI_ROOM] = "there is too little room to rebuild the kernel",
	[MULTI_RECIPE] = "the recipe or the base kernel is damaged",
	[MULTI_CHECKSUM] = "the rebuilt kernel has the wrong checksum",
};

void multi_trouble_line(char *line, int status)
{
	line = append(line, "kbl: cannot boot: ");
	line = append(line, troubles[status]);
	append(line, "\n");
}
