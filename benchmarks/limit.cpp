// How fast could the step be? The paper's network, 2-25-25-25-1, batch 5, written by hand for one core.
//
// A lane of every vector is a network: 16 are trained at once, all their steps before the next 16, so
// that weights and moments stay in the nearest cache. Nothing is shared between networks, so there is no
// reduction across lanes, and each weight that is loaded serves all five samples.

#include <cmath>
#include <cstring>
#include <initializer_list>

namespace {

constexpr int LANES = 16, BATCH = 5, WIDTH = 25, BLOCK = 5, PARAMETERS = 1401;

typedef float V __attribute__((vector_size(LANES * sizeof(float))));
typedef int VI __attribute__((vector_size(LANES * sizeof(int))));

enum Activation { TANH, RELU, LEAKY };
enum Loss { MSE, BCE };
enum Optimizer { NONE, SGD, ADAM };

V all(float x) { return V{} + x; }

V choose(VI mask, V a, V b) { return (V)((mask & (VI)a) | (~mask & (VI)b)); }

// exp by its power series on [-ln 2 / 2, ln 2 / 2], times a power of two written into the exponent.
V exponential(V x) {
    x = choose(x > 87.0f, all(87.0f), choose(x < -87.0f, all(-87.0f), x));
    V shifted = x * 1.44269504f + 12582912.0f;  // the magic number rounds to an integer
    VI n = (VI)shifted - 0x4B400000;
    V k = shifted - 12582912.0f, r = x - k * 0.693359375f + k * 2.12194440e-4f;
    V p = all(1.0f / 5040);
    for (float c : {1.0f / 720, 1.0f / 120, 1.0f / 24, 1.0f / 6, 0.5f, 1.0f, 1.0f}) p = p * r + c;
    return (V)((VI)p + (n << 23));
}

V root(V x) {
    V y;
    for (int i = 0; i < LANES; i++) y[i] = std::sqrt(x[i]);
    return y;
}

struct Group {
    V value[PARAMETERS], gradient[PARAMETERS], first[PARAMETERS], second[PARAMETERS];
    V a[4][BATCH][WIDTH], g[BATCH][WIDTH], before[BATCH][WIDTH], y[BATCH];
};

const int SIZES[] = {2, WIDTH, WIDTH, WIDTH, 1};

// out[b][j] = bias[j] + sum_i in[b][i] weight[i][j], five columns at a time: 25 sums in registers.
template <int IN, int OUT>
void forward(const V (*in)[WIDTH], const V *weight, const V *bias, V (*out)[WIDTH]) {
    constexpr int STEP = OUT < BLOCK ? OUT : BLOCK;
    for (int j = 0; j < OUT; j += STEP) {
        V sum[BATCH][STEP];
        for (int b = 0; b < BATCH; b++)
            for (int s = 0; s < STEP; s++) sum[b][s] = bias[j + s];
        for (int i = 0; i < IN; i++)
            for (int s = 0; s < STEP; s++)
                for (int b = 0; b < BATCH; b++) sum[b][s] += in[b][i] * weight[i * OUT + j + s];
        for (int b = 0; b < BATCH; b++)
            for (int s = 0; s < STEP; s++) out[b][j + s] = sum[b][s];
    }
}

// before[b][i] = sum_j g[b][j] weight[i][j]
template <int IN, int OUT>
void input_gradient(const V (*g)[WIDTH], const V *weight, V (*before)[WIDTH]) {
    for (int i = 0; i < IN; i += BLOCK) {
        V sum[BATCH][BLOCK] = {};
        for (int j = 0; j < OUT; j++)
            for (int s = 0; s < BLOCK; s++)
                for (int b = 0; b < BATCH; b++) sum[b][s] += g[b][j] * weight[(i + s) * OUT + j];
        for (int b = 0; b < BATCH; b++)
            for (int s = 0; s < BLOCK; s++) before[b][i + s] = sum[b][s];
    }
}

template <int IN, int OUT>
void weight_gradient(const V (*in)[WIDTH], const V (*g)[WIDTH], V *weight, V *bias) {
    for (int j = 0; j < OUT; j++) {
        V sum = g[0][j];
        for (int b = 1; b < BATCH; b++) sum += g[b][j];
        bias[j] = sum;
    }
    constexpr int STEP = OUT < BLOCK ? OUT : BLOCK;
    for (int j = 0; j < OUT; j += STEP) {
        V column[BATCH][STEP];
        for (int b = 0; b < BATCH; b++)
            for (int s = 0; s < STEP; s++) column[b][s] = g[b][j + s];
        for (int i = 0; i < IN; i++)
            for (int s = 0; s < STEP; s++) {
                V sum = in[0][i] * column[0][s];
                for (int b = 1; b < BATCH; b++) sum += in[b][i] * column[b][s];
                weight[i * OUT + j + s] = sum;
            }
    }
}

template <int A>
void activate(V (*x)[WIDTH]) {
    for (int b = 0; b < BATCH; b++)
        for (int j = 0; j < WIDTH; j++) {
            V v = x[b][j];
            if (A == TANH) x[b][j] = 1.0f - 2.0f / (exponential(v + v) + 1.0f);
            else x[b][j] = choose(v > 0.0f, v, v * (A == LEAKY ? 0.01f : 0.0f));
        }
}

template <int A>
void through(const V (*y)[WIDTH], const V (*before)[WIDTH], V (*g)[WIDTH]) {
    for (int b = 0; b < BATCH; b++)
        for (int j = 0; j < WIDTH; j++) {
            V v = y[b][j], d = before[b][j];
            if (A == TANH) g[b][j] = d - v * v * d;
            else g[b][j] = choose(v > 0.0f, d, d * (A == LEAKY ? 0.01f : 0.0f));
        }
}

template <int O>
void update(Group &n, float lr, float momentum, int t) {
    float c1 = 1 - std::pow(0.9f, t), c2 = 1 - std::pow(0.999f, t);
    float scale = c1 / std::sqrt(c2) / lr, eps = 1e-8f * c1 / lr;
    for (int p = 0; p < PARAMETERS; p++) {
        V g = n.gradient[p];
        if (O == NONE) n.value[p] -= lr * g;
        if (O == SGD) n.value[p] -= lr * (n.first[p] += (1 - momentum) * (g - n.first[p]));
        if (O == ADAM) {
            n.first[p] += 0.1f * (g - n.first[p]);
            n.second[p] += 0.001f * (g * g - n.second[p]);
            n.value[p] -= n.first[p] / (root(n.second[p]) * scale + eps);
        }
    }
}

template <int A, int L, int O>
void step(Group &n, float lr, float momentum, int t) {
    V *w[4], *b[4], *dw[4], *db[4];
    for (int k = 0, at = 0; k < 4; k++) {
        w[k] = n.value + at, dw[k] = n.gradient + at, at += SIZES[k] * SIZES[k + 1];
        b[k] = n.value + at, db[k] = n.gradient + at, at += SIZES[k + 1];
    }
    forward<2, WIDTH>(n.a[0], w[0], b[0], n.a[1]), activate<A>(n.a[1]);
    forward<WIDTH, WIDTH>(n.a[1], w[1], b[1], n.a[2]), activate<A>(n.a[2]);
    forward<WIDTH, WIDTH>(n.a[2], w[2], b[2], n.a[3]), activate<A>(n.a[3]);
    V out[BATCH][WIDTH];
    forward<WIDTH, 1>(n.a[3], w[3], b[3], out);
    for (int i = 0; i < BATCH; i++) {
        V p = 1.0f / (1.0f + exponential(-out[i][0])), error = p - n.y[i];
        n.g[i][0] = L == BCE ? error * (1.0f / BATCH) : error * (p - p * p) * (2.0f / BATCH);
    }
    weight_gradient<WIDTH, 1>(n.a[3], n.g, dw[3], db[3]);
    input_gradient<WIDTH, 1>(n.g, w[3], n.before), through<A>(n.a[3], n.before, n.g);
    weight_gradient<WIDTH, WIDTH>(n.a[2], n.g, dw[2], db[2]);
    input_gradient<WIDTH, WIDTH>(n.g, w[2], n.before), through<A>(n.a[2], n.before, n.g);
    weight_gradient<WIDTH, WIDTH>(n.a[1], n.g, dw[1], db[1]);
    input_gradient<WIDTH, WIDTH>(n.g, w[1], n.before), through<A>(n.a[1], n.before, n.g);
    weight_gradient<2, WIDTH>(n.a[0], n.g, dw[0], db[0]);
    update<O>(n, lr, momentum, t);
}

}  // namespace

// values: (networks, 1401), trained in place; x: (steps, networks, 5, 2); y: (steps, networks, 5).
extern "C" void TRAIN(float *values, const float *x, const float *y, int networks, int steps, float lr,
                      float momentum) {
    static Group n;
    for (int from = 0; from < networks; from += LANES) {
        int used = networks - from < LANES ? networks - from : LANES;
        std::memset(&n, 0, sizeof n);
        for (int l = 0; l < used; l++)
            for (int p = 0; p < PARAMETERS; p++) n.value[p][l] = values[(from + l) * PARAMETERS + p];
        for (int t = 0; t < steps; t++) {
            for (int l = 0; l < used; l++)
                for (int b = 0; b < BATCH; b++) {
                    const float *point = x + (((long)t * networks + from + l) * BATCH + b) * 2;
                    n.a[0][b][0][l] = point[0], n.a[0][b][1][l] = point[1];
                    n.y[b][l] = y[((long)t * networks + from + l) * BATCH + b];
                }
            step<ACTIVATION, LOSS, OPTIMIZER>(n, lr, momentum, t + 1);
        }
        for (int l = 0; l < used; l++)
            for (int p = 0; p < PARAMETERS; p++) values[(from + l) * PARAMETERS + p] = n.value[p][l];
    }
}
