/* SPDX-License-Identifier: Apache-2.0 */
#include "config/check_acl.h"

#include <stdbool.h>
#include <string.h>

#include "config/config.h"

static bool check_name(const struct config *config, size_t index,
                       struct problems *problems)
{
	const struct config_text *name = &config->acls[index].name;
	char before[PROBLEM_PLACE_BYTES];

	for (size_t i = 0; i < index; i++) {
		const struct config_text *other = &config->acls[i].name;

		if (other->value == NULL ||
		    strcmp(other->value, name->value) != 0)
			continue;
		problem_place(other->place, before, sizeof(before));
		problem_error(problems, name->place,
		              "the ACL at %s is named \"%.60s\" already",
		              before, name->value);
		return false;
	}
	return true;
}

static bool is_used(const struct config *config, const struct config_acl *acl)
{
	for (size_t i = 0; i < config->route_count; i++) {
		if (config_find_acl(config, &config->routes[i]) == acl)
			return true;
	}
	return false;
}

void check_acl(const struct config *config, size_t index,
               struct problems *problems)
{
	const struct config_acl *acl = &config->acls[index];

	if (acl->name.value == NULL || !check_name(config, index, problems))
		return;
	if (!is_used(config, acl))
		problem_warning(problems, acl->name.place,
		                "no route uses the ACL \"%.60s\": write acl = "
		                "\"%.60s\" on the routes that it is meant for",
		                acl->name.value, acl->name.value);
}
