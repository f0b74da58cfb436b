/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a setting is when nobody sets it: "25", "none", or where the kind of
 * the route decides, "1 (mqtt); 2 (json, channel)".
 */
#pragma once

#include <stdio.h>

struct blank_group;
struct schema_setting;

/* Of `setting`, which is one of `group`. */
void initial_write(const struct blank_group *group,
                   const struct schema_setting *setting, FILE *out);
