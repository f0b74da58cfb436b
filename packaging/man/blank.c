/* SPDX-License-Identifier: Apache-2.0 */
#include "blank.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "config/config.h"
#include "config/load.h"
#include "config/schema.h"

#define TEXT_BYTES 200

/* A list of the table that is not here has no group to look into. */
#define LISTS                                                                  \
	"listeners = ( { tls = { certificates = ( { } ); }; } );"              \
	"upstreams = ( { } ); acls = ( { } ); routes = ( { kind = \"%s\"; } "  \
	");"

void blank_init(struct blank *blank)
{
	for (unsigned kind = 0; kind < BLANK_KINDS; kind++) {
		struct problems missing; /* what is required, all of it */
		char text[TEXT_BYTES];

		snprintf(text, sizeof(text), LISTS, kind_words[kind]);
		problems_init(&missing);
		blank->configs[kind] =
		    config_load_text("blank", text, &missing);
		assert(blank->configs[kind] != NULL);
		problems_finish(&missing);
	}
}

void blank_finish(struct blank *blank)
{
	for (unsigned kind = 0; kind < BLANK_KINDS; kind++)
		config_unload(blank->configs[kind]);
}

struct blank_group blank_root(const struct blank *blank)
{
	struct blank_group root = { .schema = &schema_root,
		                    .kinds = BLANK_KIND_ALL };

	for (unsigned kind = 0; kind < BLANK_KINDS; kind++)
		root.from[kind] = (const char *)blank->configs[kind];
	return root;
}

unsigned blank_kinds(const struct blank_group *group,
                     const struct schema_setting *setting)
{
	return setting->kinds == 0 ? group->kinds
	                           : group->kinds & setting->kinds;
}

struct blank_group blank_inner(const struct blank_group *group,
                               const struct schema_setting *setting)
{
	struct blank_group inner = { .schema = setting->inner,
		                     .kinds = blank_kinds(group, setting) };

	for (unsigned kind = 0; kind < BLANK_KINDS; kind++) {
		const char *member = group->from[kind] + setting->offset;

		inner.from[kind] = member;
		if (setting->kind == SCHEMA_GROUPS)
			memcpy(&inner.from[kind], member,
			       sizeof(inner.from[kind]));
		assert(inner.from[kind] != NULL);
	}
	return inner;
}

void blank_write_kinds(unsigned kinds, FILE *out)
{
	const char *gap = "";

	for (unsigned kind = 0; kind < BLANK_KINDS; kind++) {
		if ((kinds & KIND_SET(kind)) == 0)
			continue;
		fprintf(out, "%s%s", gap, kind_words[kind]);
		gap = ", ";
	}
}
