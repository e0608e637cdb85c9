/* SPDX-License-Identifier: Apache-2.0 */
/* The files in which podman and docker keep credentials for registries: which
 * ones there are, and what they have.  Who changes them is login.c. */
#ifndef RELEASE_DOCKER_FILES_H
#define RELEASE_DOCKER_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/fs.h"
#include "codec/docker_config.h"
#include "request.h"

#define DOCKER_FILES_MAX 2

/* Their paths, there or not, in the order of reading. */
struct docker_files {
	char paths[DOCKER_FILES_MAX][FS_PATH_MAX];
	size_t count;
	bool is_explicit; /* the first is REGISTRY_AUTH_FILE */
	bool has_docker;  /* the last is docker's */
};

/**
 * docker_files_name - name them: REGISTRY_AUTH_FILE, else
 * $XDG_RUNTIME_DIR/containers/auth.json; $DOCKER_CONFIG/config.json, else
 * $HOME/.docker/config.json.
 * Returns 0, or -1 with ERR_LIMIT.
 */
int docker_files_name(const struct request *request, struct docker_files *out,
                      struct err *err) MUST_CHECK;

/**
 * docker_file_find - docker_config_find in a file.
 *
 * Returns 1, also where only a helper would know; 0 where it has nothing, or
 * the file is empty (podman leaves such) or not there; -1 naming it.
 */
int docker_file_find(const char *path, const struct oci_reference *reference,
                     struct docker_credential *out, struct err *err) MUST_CHECK;

#endif
