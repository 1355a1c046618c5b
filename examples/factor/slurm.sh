#!/bin/sh
# A factor, four parts of its proof, and the bound, as jobs of Slurm that wait for each other:
#     sh slurm.sh points.csv 0.5 0.01
# Each job needs `polyak` and Python with NumPy on its path, and the folder in which it is submitted.
set -eu
points=$1
bandwidth=$2
shift_by=$3
parts=4
here=$(dirname "$0")

factor=$(sbatch --parsable --job-name=factor \
  --wrap="python3 '$here/factor.py' '$points' $bandwidth $shift_by factor")
proof=$(sbatch --parsable --job-name=proof --array=1-$parts --dependency="afterok:$factor" \
  --wrap="polyak eig '$points' --kernel gaussian:$bandwidth --factor factor --shard \$SLURM_ARRAY_TASK_ID/$parts --json part-\$SLURM_ARRAY_TASK_ID.json")
sbatch --job-name=merge --dependency="afterok:$proof" --wrap="polyak merge part-*.json --json bound.json"
