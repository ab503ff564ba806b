#!/usr/bin/env node
import { main } from "@adjoint/cli";

await main();
