from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from mtfix.rewriter.prompt import Markers, PromptEncoder

MARKERS = Markers(start="<|start|>", open="<open>", close="<close>", ask="<ask>", answer="<answer>", end="<|im_end|>")


@pytest.fixture(scope="session")
def vocabulary() -> Tokenizer:
    """A small byte-level vocabulary, as GPT-2 and most causal models have, with the markers in it."""
    rng = random.Random(0)
    stock = "the late father of a gold medal won free trade agreement in towns near river, said that’s it. ".split()
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = [token for token in MARKERS.to_dict().values() if token]
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator((" ".join(rng.choices(stock, k=9)) for _ in range(200)), trainer)
    return tokenizer


@pytest.fixture(scope="session")
def make_encoder(vocabulary: Tokenizer) -> Callable[..., PromptEncoder]:
    def make(*, causal: bool = True, max_tokens: int = 256) -> PromptEncoder:
        tokenizer = Tokenizer.from_str(vocabulary.to_str())
        markers = MARKERS if causal else Markers(**{**MARKERS.to_dict(), "start": ""})
        return PromptEncoder(tokenizer, markers, encoder_decoder=not causal, max_tokens=max_tokens)

    return make
