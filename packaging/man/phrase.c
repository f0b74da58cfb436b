/* SPDX-License-Identifier: Apache-2.0 */
#include "phrase.h"

#include "config/memory.h"

void phrase_begin(struct phrase *phrase)
{
	phrase->out =
	    memory_checked(open_memstream(&phrase->text, &phrase->len));
}

char *phrase_end(struct phrase *phrase)
{
	return memory_checked(fclose(phrase->out) == 0 ? phrase->text : NULL);
}
