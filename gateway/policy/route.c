/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/route.h"

#include "policy/policy.h"

static bool is_control(uint8_t octet)
{
	return octet < ' ' || octet == 0x7F;
}

static bool is_path(struct slice path)
{
	if (path.len == 0 || path.data[0] != '/')
		return false;
	for (size_t i = 0; i < path.len; i++) {
		if (is_control(path.data[i]))
			return false;
	}
	return true;
}

static bool is_prefix(struct slice pattern)
{
	return pattern.len >= 2 && pattern.data[pattern.len - 2] == '/' &&
	       pattern.data[pattern.len - 1] == '*';
}

static bool begins_with(struct slice path, struct slice prefix)
{
	return path.len >= prefix.len &&
	       slice_equals(slice_take(&path, prefix.len), prefix);
}

const struct policy_route *route_find(const struct policy *policy,
                                      struct slice path)
{
	const struct policy_route *longest = NULL;
	size_t longest_len = 0;

	if (!is_path(path))
		return NULL;
	for (size_t i = 0; i < policy->route_count; i++) {
		const struct policy_route *route = &policy->routes[i];
		struct slice pattern =
		    slice_from_text(route->config->path.value);

		if (!is_prefix(pattern)) {
			if (slice_equals(path, pattern))
				return route;
			continue;
		}
		pattern.len--;
		if (pattern.len > longest_len && begins_with(path, pattern)) {
			longest = route;
			longest_len = pattern.len;
		}
	}
	return longest;
}
