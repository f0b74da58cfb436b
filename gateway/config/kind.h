/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What settings are by the kind of their route: where each may stand, and the
 * defaults that depend on it.
 *
 * Kinds come as sets, a bit for each. A setting of the table that names no
 * kinds is for all.
 */
#pragma once

#include <stdbool.h>

#include "config/config.h"

#define KIND_ALL (~0u)
#define KIND_SET(kind) (1u << (kind))
#define KIND_CHANNELS KIND_SET(CONFIG_KIND_CHANNEL)
/* Those whose browsers speak no MQTT: the gateway is the client. */
#define KIND_PAGES (KIND_SET(CONFIG_KIND_JSON) | KIND_CHANNELS)

/* By kind, up to a NULL. */
extern const char *const kind_words[];

struct config_setting_t;
struct schema;
struct schema_setting;
struct value;

/* Whether `setting` means something to one of `kinds`. */
bool kind_takes(const struct schema_setting *setting, unsigned kinds);

/* The kind of the struct `from`; `outer` when such a group says none. */
unsigned kind_of(const struct schema *schema, const char *from, unsigned outer);

/*
 * The kind that libconfig's group `from` names, or all of them while that is
 * not to be told.
 */
unsigned kind_read(const struct schema *schema,
                   const struct config_setting_t *from);

/* Adds the problem: a route of `kinds` has no use for this setting. */
void kind_refuse(const struct value *value, unsigned kinds);

/* Sets what was not set, and whose default depends on the kind. */
void kind_fill(struct config *config);
